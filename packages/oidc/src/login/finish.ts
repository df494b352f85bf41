import type { External } from '@lockkeeper/core'
import * as oidc from 'openid-client'
import { verifyIdToken } from '../tokens/id-token.ts'
import { checkCallback } from './callback.ts'
import { conclude, rejected, toGrant } from './conclude.ts'
import type { OidcParts } from './oidc-parts.ts'
import { readPending } from './pending.ts'
import { askTokenEndpoint } from './token-endpoint.ts'

/**
 * Ends a login: checks what the browser brought, redeems the code once, verifies the ID token, and reads who it is.
 *
 * @throws {BackendUnavailableError} when the provider cannot tell.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth | Authorization Code Flow}
 */
export async function finishLogin(
  callback: URL,
  record: Readonly<Record<string, string>>,
  parts: OidcParts,
): Promise<External> {
  const { settings, clock, fetch } = parts
  const wallMs = clock.wallMs()
  const pending = readPending(record, settings.mode, wallMs)
  if ('refused' in pending) return rejected(pending.refused)
  const { state, nonce, verifier } = pending.value
  const metadata = await parts.metadata.current()
  const checked = checkCallback(callback, pending.value, settings, metadata)
  if ('refused' in checked) return rejected(checked.refused)

  const tokens = await askTokenEndpoint({ settings, metadata, fetch, wallMs }, (client) =>
    oidc.authorizationCodeGrant(client, checked.value, { pkceCodeVerifier: verifier, expectedState: state }),
  )
  if (tokens === undefined) return rejected('code_refused')
  const { idToken, accessToken } = tokens
  const claims = await verifyIdToken(idToken, { from: 'login', nonce, accessToken }, parts)
  if ('refused' in claims) return rejected(claims.refused)
  return conclude(parts, metadata, claims.value, toGrant(settings.issuer, tokens, claims.value))
}
