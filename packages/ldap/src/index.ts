export type { LdapEvent, LdapListener } from './events.ts'
export { type HarborSettings, readHarborLdapSettings } from './harbor-settings.ts'
export { type LdapAuthenticator, ldapAuth } from './ldap-auth.ts'
export type { LdapAuthOptions } from './options.ts'
