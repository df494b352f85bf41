import { BackendUnavailableError, type Clock } from '@lockkeeper/core'
import * as z from 'zod'
import { isSafeUrl, type OidcAuthSettings } from '../options.ts'
import type { JsonObject } from '../refusal.ts'
import { jsonAnswer } from './json-answer.ts'
import { KeptCopy } from './kept-copy.ts'
import type { ProviderFetch } from './provider-fetch.ts'

/** What we use of a provider's discovery document. */
export interface ProviderMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly userinfo_endpoint?: string
  readonly end_session_endpoint?: string
  readonly authorization_response_iss_parameter_supported?: boolean
  readonly id_token_signing_alg_values_supported?: string[]
}

const SHORTEST_PAUSE_MS = 10_000

/** Keeps the discovery document: once there is a copy, no login waits for another one. */
export function keptMetadata(parts: {
  readonly settings: OidcAuthSettings
  readonly fetch: ProviderFetch
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}): KeptCopy<ProviderMetadata> {
  const { settings, fetch, clock, onFailure } = parts
  return new KeptCopy({
    clock,
    onFailure,
    refreshAfterMs: settings.refreshAfterSeconds * 1000,
    waitAfterMs: Number.POSITIVE_INFINITY,
    pauseMs: SHORTEST_PAUSE_MS,
    load: () => discover(settings, fetch),
  })
}

async function discover(settings: OidcAuthSettings, fetch: ProviderFetch): Promise<ProviderMetadata> {
  const { mode, issuer } = settings
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url, { headers: { accept: 'application/json' } })
  return checkMetadata(settings, jsonAnswer(mode, `discovery at ${url}`, answer))
}

/**
 * Checks a discovery document: the issuer is exactly the configured one, and every endpoint is one we may talk to.
 *
 * @throws {BackendUnavailableError} saying what to change. A server that is up must not stop because a document changed.
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation | Validation}
 */
function checkMetadata(settings: OidcAuthSettings, document: JsonObject): ProviderMetadata {
  const { mode, issuer, insecureAllowPlaintext } = settings
  if (document.issuer !== issuer) {
    const named = JSON.stringify(String(document.issuer).slice(0, 200))
    throw new BackendUnavailableError(
      mode,
      `the provider calls itself ${named}; the option issuer must be spelled exactly so`,
    )
  }
  const endpoint = z.string().refine((url) => isSafeUrl(url, insecureAllowPlaintext), 'must be an https URL')
  const result = schema(endpoint).safeParse(document)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  throw new BackendUnavailableError(mode, `the discovery document cannot be used: ${problems.join('; ')}`)
}

const schema = (endpoint: z.ZodType<string>) =>
  z.object({
    issuer: z.string(),
    authorization_endpoint: endpoint,
    token_endpoint: endpoint,
    jwks_uri: endpoint,
    userinfo_endpoint: endpoint.exactOptional(),
    end_session_endpoint: endpoint.exactOptional(),
    authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
    id_token_signing_alg_values_supported: z.array(z.string()).exactOptional(),
  })
