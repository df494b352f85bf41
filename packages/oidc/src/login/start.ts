import { randomBytes } from 'node:crypto'
import * as oidc from 'openid-client'
import type { OidcAuthSettings } from '../options.ts'
import type { PendingLogin } from './pending.ts'

/** 256 bits, for what must not be guessed. */
const oneTimeValue = (): string => randomBytes(32).toString('base64url')

/**
 * Begins a login: an authorization request for a code, always with PKCE, state and nonce.
 *
 * @param callbackUrl Ours, from configuration; never from what a browser said.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7636 | RFC 7636}, PKCE.
 */
export async function startLogin(
  callbackUrl: URL,
  settings: OidcAuthSettings,
  client: oidc.Configuration,
): Promise<{ readonly redirectTo: URL; readonly login: PendingLogin }> {
  const login = {
    state: oneTimeValue(),
    nonce: oneTimeValue(),
    verifier: oneTimeValue(),
    redirectUri: callbackUrl.href,
  }
  const { scopes, extraParameters, maxAuthAgeSeconds } = settings
  const redirectTo = oidc.buildAuthorizationUrl(client, {
    ...extraParameters,
    response_type: 'code',
    scope: scopes.join(' '),
    redirect_uri: login.redirectUri,
    state: login.state,
    nonce: login.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(login.verifier),
    code_challenge_method: 'S256',
    ...(maxAuthAgeSeconds !== undefined && { max_age: String(maxAuthAgeSeconds) }),
  })
  return { redirectTo, login }
}
