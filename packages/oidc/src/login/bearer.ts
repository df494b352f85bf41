import { type AuthResult, abstained, authenticated, rejected } from '@lockkeeper/core'
import type { OidcRefusal } from '../refusal.ts'
import { verifyIdToken } from '../tokens/id-token.ts'
import { parseSignedToken } from '../tokens/signed-token.ts'
import type { OidcParts } from './oidc-parts.ts'

/** Told why a token was refused, which its answer cannot say in full. */
export type OnRefused = (reason: OidcRefusal) => void

/**
 * Verifies an ID token that somebody presents as a bearer token. One that does not even claim to be from this provider
 * for this client is not ours to judge.
 *
 * @throws {BackendUnavailableError} when the provider's keys cannot be had.
 */
export async function verifyBearer(token: string, parts: OidcParts, onRefused: OnRefused): Promise<AuthResult> {
  const { issuer, clientId, bearerTokens } = parts.settings
  if (!bearerTokens) return abstained
  const parsed = parseSignedToken(token)
  if ('refused' in parsed) return abstained
  const { iss, aud } = parsed.value.claims
  if (iss !== issuer || !(Array.isArray(aud) ? aud.includes(clientId) : aud === clientId)) return abstained

  const claims = await verifyIdToken(token, { from: 'bearer' }, parts)
  if ('refused' in claims) {
    onRefused(claims.refused)
    return rejected(claims.refused === 'token_exp' || claims.refused === 'token_iat' ? 'expired' : 'bad_credentials')
  }
  const identity = parts.toIdentity(claims.value.sub, claims.value)
  if (!('refused' in identity)) return authenticated(identity.value)
  onRefused(identity.refused)
  return rejected('not_allowed')
}
