import { type Grant, isBackendUnavailable, type Refreshed } from '@lockkeeper/core'
import * as oidc from 'openid-client'
import type { Checked } from '../refusal.ts'
import { type IdTokenClaims, verifyIdToken } from '../tokens/id-token.ts'
import { conclude, rejected, toGrant } from './conclude.ts'
import type { OidcParts } from './oidc-parts.ts'
import { askTokenEndpoint, type Tokens } from './token-endpoint.ts'

/**
 * Asks the provider whether a person is still welcome, and for their claims as of now.
 *
 * @returns `rejected` when the provider refuses; `unavailable` with the new grant when it stopped answering after it had
 * given that, because the old refresh token is likely used up.
 * @throws {BackendUnavailableError} when the provider cannot be asked; the grant is then as it was.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokens | Using Refresh Tokens}
 */
export async function refreshGrant(grant: Grant, parts: OidcParts): Promise<Refreshed> {
  const { settings, clock, fetch } = parts
  const { refreshToken, subject } = grant
  // Another provider's grant must never be sent to this one.
  if (grant.issuer !== settings.issuer) return rejected('grant_of_another_issuer')
  if (refreshToken === undefined) return rejected('refresh_token_missing')
  const metadata = await parts.metadata.current()
  const tokens = await askTokenEndpoint({ settings, metadata, fetch, wallMs: clock.wallMs() }, (client) =>
    oidc.refreshTokenGrant(client, refreshToken),
  )
  if (tokens === undefined) return rejected('refresh_refused')
  try {
    const claims = await claimsIn(tokens, subject, parts)
    if ('refused' in claims) return rejected(claims.refused)
    return await conclude(parts, metadata, claims.value, toGrant(settings.issuer, tokens, claims.value, grant))
  } catch (error) {
    if (!isBackendUnavailable(error)) throw error
    const { idToken: _unchecked, ...checked } = tokens
    return { outcome: 'unavailable', grant: toGrant(settings.issuer, checked, { sub: subject }, grant), error }
  }
}

/** A provider need not send a new ID token; then userinfo alone says who it is. */
async function claimsIn(tokens: Tokens, subject: string, parts: OidcParts): Promise<Checked<IdTokenClaims>> {
  const { idToken, accessToken } = tokens
  if (idToken === undefined) return { value: { sub: subject } }
  return verifyIdToken(idToken, { from: 'refresh', subject, accessToken }, parts)
}
