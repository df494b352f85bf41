export { type HarborSettings, readHarborUaaSettings } from './harbor-settings.ts'
export type { UaaAuthOptions } from './options.ts'
export { type UaaAuthenticator, uaaAuth } from './uaa-auth.ts'
