import type { External, Grant } from '@lockkeeper/core'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { OidcRefusal } from '../refusal.ts'
import type { IdTokenClaims } from '../tokens/id-token.ts'
import type { OidcParts } from './oidc-parts.ts'
import type { Tokens } from './token-endpoint.ts'
import { fetchUserInfo } from './user-info.ts'

/** Why nobody was let in. */
export const rejected = (reason: OidcRefusal): External & { readonly outcome: 'rejected' } => ({
  outcome: 'rejected',
  reason,
})

/**
 * From tokens that were checked to the person: asks for more claims and reads them all. What userinfo says counts before
 * what the ID token says, since it is as of now.
 *
 * @throws {BackendUnavailableError} when userinfo cannot be asked.
 */
export async function conclude(
  { settings, fetch, toIdentity }: OidcParts,
  metadata: ProviderMetadata,
  claims: IdTokenClaims,
  grant: Grant & { readonly accessToken: string },
): Promise<External> {
  const more = await fetchUserInfo(grant.accessToken, claims.sub, { settings, metadata, fetch })
  if ('refused' in more) return rejected(more.refused)
  const identity = toIdentity(claims.sub, { ...claims, ...more.value })
  if ('refused' in identity) return rejected(identity.refused)
  return { outcome: 'authenticated', identity: identity.value, grant }
}

/** The grant after new tokens came; what they lack is as it was before. */
export function toGrant(
  issuer: string,
  { accessToken, refreshToken, idToken, expiresAt }: Tokens,
  claims: IdTokenClaims,
  before?: Grant,
): Grant & { readonly accessToken: string } {
  const kept = {
    refreshToken: refreshToken ?? before?.refreshToken,
    idToken: idToken ?? before?.idToken,
    session: typeof claims.sid === 'string' ? claims.sid : before?.session,
  }
  return {
    issuer,
    subject: claims.sub,
    accessToken,
    ...(kept.refreshToken !== undefined && { refreshToken: kept.refreshToken }),
    ...(kept.idToken !== undefined && { idToken: kept.idToken }),
    ...(kept.session !== undefined && { session: kept.session }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}
