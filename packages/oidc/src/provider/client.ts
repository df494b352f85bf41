import type { HttpAnswer } from '@lockkeeper/core'
import * as oidc from 'openid-client'
import type { OidcAuthSettings } from '../options.ts'
import type { ProviderMetadata } from './metadata.ts'
import type { ProviderFetch } from './provider-fetch.ts'

/** What one operation of openid-client runs on: the metadata of now and our limits. It is shown no ID token. */
export function oidcClient(
  settings: OidcAuthSettings,
  metadata: ProviderMetadata,
  fetch: ProviderFetch,
): oidc.Configuration {
  const configuration = new oidc.Configuration({ ...metadata }, settings.clientId, {}, authentication(settings))
  configuration[oidc.customFetch] = async (url, { method, headers, body }) =>
    toResponse(
      await fetch(url, {
        method: method === 'POST' ? 'POST' : 'GET',
        headers,
        ...(body !== null && body !== undefined && { body: String(body) }),
      }),
    )
  // The one limit of time is ours.
  configuration.timeout = 0
  if (settings.insecureAllowPlaintext) oidc.allowInsecureRequests(configuration)
  return configuration
}

function authentication({ clientSecret, clientAuthentication }: OidcAuthSettings): oidc.ClientAuth {
  if (clientSecret === undefined) return oidc.None()
  const secret = clientSecret.reveal()
  return clientAuthentication === 'post' ? oidc.ClientSecretPost(secret) : oidc.ClientSecretBasic(secret)
}

/** The parts of an answer that openid-client reads. */
function toResponse(answer: HttpAnswer): Response {
  const headers = new Headers()
  for (const name of ['content-type', 'www-authenticate']) {
    const value = answer.header(name)
    if (value !== undefined) headers.set(name, value)
  }
  return new Response(answer.text() || null, { status: answer.status, headers })
}
