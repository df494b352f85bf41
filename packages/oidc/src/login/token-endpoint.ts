import { BackendUnavailableError, isBackendUnavailable } from '@lockkeeper/core'
import * as oidc from 'openid-client'
import type { OidcAuthSettings } from '../options.ts'
import { oidcClient } from '../provider/client.ts'
import { jsonAnswer } from '../provider/json-answer.ts'
import type { ProviderMetadata } from '../provider/metadata.ts'
import type { ProviderFetch } from '../provider/provider-fetch.ts'

/** What the token endpoint gave, not yet believed. */
export interface Tokens {
  readonly accessToken: string
  readonly idToken?: string
  readonly refreshToken?: string
  readonly expiresAt?: Date
}

/** What a request to the token endpoint needs. */
export interface TokenRequestParts {
  readonly settings: OidcAuthSettings
  readonly metadata: ProviderMetadata
  readonly fetch: ProviderFetch
  readonly wallMs: number
}

/** Errors that mean: this code or token is worth nothing. All others are faults of a configuration, or an outage. */
const REFUSALS = ['invalid_grant', 'interaction_required', 'login_required', 'consent_required']

/**
 * Makes one request to the token endpoint, never a second one: a code and a rotated refresh token work once.
 *
 * @returns `undefined` when the provider refuses the code or the refresh token.
 * @throws {BackendUnavailableError} when it cannot be asked, refuses our own client, or answers nonsense.
 */
export async function askTokenEndpoint(
  { settings, metadata, fetch, wallMs }: TokenRequestParts,
  request: (client: oidc.Configuration) => Promise<oidc.TokenEndpointResponse>,
): Promise<Tokens | undefined> {
  const { mode } = settings
  let idToken: string | undefined
  // The ID token is kept aside: openid-client would go by its claims before anybody looked at its signature.
  const keepAside: ProviderFetch = async (url, sent) => {
    const answer = await fetch(url, sent)
    if (answer.status !== 200) return answer
    const { id_token, ...rest } = jsonAnswer(mode, 'the token request', answer)
    if (typeof id_token === 'string') idToken = id_token
    return { ...answer, text: () => JSON.stringify(rest) }
  }
  try {
    const { access_token, refresh_token, expires_in } = await request(oidcClient(settings, metadata, keepAside))
    return {
      accessToken: access_token,
      ...(idToken !== undefined && { idToken }),
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
      ...(expires_in !== undefined && { expiresAt: new Date(wallMs + expires_in * 1000) }),
    }
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError && REFUSALS.includes(error.error)) return undefined
    throw toUnavailable(mode, error)
  }
}

/** Says what went wrong without the error itself, which holds the request and the answer, and so secrets. */
function toUnavailable(mode: string, error: unknown): BackendUnavailableError {
  if (isBackendUnavailable(error)) return error
  if (error instanceof oidc.ClientError && isBackendUnavailable(error.cause)) return error.cause
  if (error instanceof oidc.WWWAuthenticateChallengeError) return clientRefused(mode, `status ${error.status}`)
  if (error instanceof oidc.ResponseBodyError) {
    const code = /^[a-z_]{1,64}$/.test(error.error) ? error.error : 'an error of its own'
    if (code === 'invalid_client' || code === 'unauthorized_client') return clientRefused(mode, code)
    return new BackendUnavailableError(mode, `the token endpoint answered ${code} (status ${error.status})`)
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new BackendUnavailableError(mode, `the answer of the token endpoint cannot be used (${code})`)
}

const clientRefused = (mode: string, how: string): BackendUnavailableError =>
  new BackendUnavailableError(
    mode,
    `the provider does not accept our client (${how}); check clientId, clientSecret and clientAuthentication`,
  )
