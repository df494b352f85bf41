import {
  BackendUnavailableError,
  type Clock,
  createHttpBackend,
  type HttpAnswer,
  type HttpBackend,
  type HttpRequest,
} from '@lockkeeper/core'
import { isSafeUrl, type OidcAuthSettings } from '../options.ts'

/** Longest answer of a provider that is read; discovery documents and key sets are a few kilobytes. */
const MAX_ANSWER_BYTES = 256 * 1024
/** The endpoints of one provider may be on several hosts. */
const MAX_ORIGINS = 16

/**
 * Calls the provider at an address it named.
 *
 * @throws {BackendUnavailableError} and nothing else; the status is the caller's to judge.
 */
export type ProviderFetch = (url: string, request?: Omit<HttpRequest, 'path' | 'query'>) => Promise<HttpAnswer>

/**
 * Every call to a provider goes through here, and so through the limits of {@link createHttpBackend}: one backend for each
 * host, so that a host that is down does not hold up the others.
 *
 * @throws {ConfigurationError} when the authorities in `tls.ca` cannot be read.
 */
export function providerFetch(settings: OidcAuthSettings, clock: Clock): ProviderFetch {
  const { mode, issuer, timeoutMs, tls, insecureAllowPlaintext } = settings
  const backends = new Map<string, HttpBackend>()
  backendOf(new URL(issuer).origin)

  return async (address, request = {}) => {
    if (!isSafeUrl(address, insecureAllowPlaintext)) throw unavailable('the provider named an address without TLS')
    const { origin, pathname, searchParams } = new URL(address)
    const query = Object.fromEntries(searchParams)
    return backendOf(origin).send({ ...request, path: pathname, query }, { signal: new AbortController().signal })
  }

  function backendOf(origin: string): HttpBackend {
    const known = backends.get(origin)
    if (known !== undefined) return known
    if (backends.size >= MAX_ORIGINS) throw unavailable('the provider is spread over too many hosts')
    const backend = createHttpBackend({
      name: mode,
      url: origin,
      timeoutMs,
      maxResponseBytes: MAX_ANSWER_BYTES,
      insecureAllowPlaintext: insecureAllowPlaintext,
      clock,
      ...(tls && { tls }),
    })
    backends.set(origin, backend)
    return backend
  }

  function unavailable(message: string): BackendUnavailableError {
    return new BackendUnavailableError(mode, message)
  }
}
