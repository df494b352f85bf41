export { type OidcAuth, type OidcAuthParts, type OidcEvent, oidcAuth } from './oidc-auth.ts'
export type { OidcAuthOptions } from './options.ts'
export { type TokenCipherOptions, tokenCipher } from './token-cipher.ts'
