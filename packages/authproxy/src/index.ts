export { type HarborSettings, readHarborAuthProxySettings } from './harbor-settings.ts'
export { type HttpAuthenticator, httpAuth } from './http-auth.ts'
export type { HttpAuthOptions } from './options.ts'
