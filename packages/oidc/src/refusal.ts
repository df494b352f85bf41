/** Why a login, a refresh or a token was refused. For the operator's log; whoever asked is never told. */
export type OidcRefusal =
  | 'pending_invalid'
  | 'pending_expired'
  | 'parameter_repeated'
  | 'parameter_unexpected'
  | 'state_missing'
  | 'state_mismatch'
  | 'issuer_missing'
  | 'issuer_mismatch'
  | `provider_error:${string}`
  | 'code_missing'
  | 'code_refused'
  | 'grant_of_another_issuer'
  | 'refresh_token_missing'
  | 'refresh_refused'
  | 'userinfo_refused'
  | 'userinfo_sub'
  | 'username_claim'
  | 'logout_parameter'
  | 'harbor_token'
  | TokenRefusal

/** Why an ID token or a logout token was refused; what follows the first word is the claim or part at fault. */
export type TokenRefusal =
  | 'token_missing'
  | 'token_malformed'
  | 'token_header'
  | 'token_alg'
  | 'token_kid'
  | 'token_signature'
  | 'token_kind'
  | 'token_iss'
  | 'token_aud'
  | 'token_azp'
  | 'token_sub'
  | 'token_exp'
  | 'token_nbf'
  | 'token_iat'
  | 'token_nonce'
  | 'token_at_hash'
  | 'token_auth_time'
  | 'token_sid'
  | 'token_events'
  | 'token_jti'
  | 'token_replayed'

/** A value, or the reason why there is none. "Cannot tell" is neither: it is thrown. */
export type Checked<T, R extends OidcRefusal = OidcRefusal> = { readonly value: T } | { readonly refused: R }

/** Claims or metadata as they came: an object of anything. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Narrows parsed JSON to an object. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
