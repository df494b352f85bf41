import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { BreakerOptions } from './circuit-breaker.ts'
import type { Clock } from './clock.ts'
import { ConfigurationError, type ConfigurationProblem } from './errors.ts'
import type { Secret } from './secret.ts'

/** How the certificate of a backend is checked, and which one we show it. */
export interface HttpBackendTls {
  /** PEM certificates to trust, instead of those that Node trusts: of authorities, or of the backend itself. */
  readonly ca?: string | readonly string[]
  /** PEM certificate chain to show. */
  readonly certificate?: string
  /** PEM private key of `certificate`. */
  readonly key?: Secret
  /** The name the certificate must carry; the host of the URL by default. */
  readonly serverName?: string
  /** Accepts any certificate, and warns at start: whoever is on the path can read and answer every call. */
  readonly insecureSkipVerify?: boolean
}

/** Options of an HTTP backend. */
export interface HttpBackendOptions {
  /** Who it is, for errors: the auth mode. */
  readonly name: string
  /** Where it is: an `https:` URL that paths are appended to. */
  readonly url: string
  /** Allows an `http:` URL, and warns at start: whoever is on the path can read and answer every call. */
  readonly insecureAllowPlaintext?: boolean
  readonly tls?: HttpBackendTls
  /** Time budget of one call, waiting for a slot included, in milliseconds; 5 000 by default. */
  readonly timeoutMs?: number
  /** The longest body that is read, in bytes; 65 536 by default. */
  readonly maxResponseBytes?: number
  /** Calls at once, and connections; 16 by default. */
  readonly maxConcurrent?: number
  /** Calls that wait for one of those; 64 by default. Further ones fail at once. */
  readonly maxQueued?: number
  readonly breaker?: BreakerOptions
  /** Which answers count as faults for the circuit breaker; a status of 500 or more by default. */
  readonly isFault?: (status: number) => boolean
  /** The machine's own by default. */
  readonly clock?: Clock
  /** From 0 to 1; `Math.random` by default. */
  readonly random?: () => number
}

/** What was read from the options. */
export interface HttpBackendTarget {
  readonly url: URL
  readonly secureContext: SecureContext | undefined
}

/** What is wrong with the URL of a backend; nothing when it can be one. */
export function backendUrlProblem(text: string, insecureAllowPlaintext = false): string | undefined {
  const url = URL.parse(text)
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must not hold credentials'
  if (url.search !== '' || url.hash !== '') return 'must not have a query or fragment'
  if (url.protocol === 'http:' && !insecureAllowPlaintext) return 'must be an https URL, or set insecureAllowPlaintext'
  return undefined
}

/** @throws {ConfigurationError} with every problem found. */
export function parseHttpBackendOptions(options: HttpBackendOptions): HttpBackendTarget {
  const problems: ConfigurationProblem[] = []
  const problem = (path: string, message: string) => problems.push({ path, message })

  const url = URL.parse(options.url)
  const wrongUrl = backendUrlProblem(options.url, options.insecureAllowPlaintext)
  if (wrongUrl !== undefined) problem('url', wrongUrl)

  const { timeoutMs = 1, maxResponseBytes = 1, maxConcurrent = 1, maxQueued = 0, breaker = {} } = options
  const { faults = 1, minOpenMs = 1, maxOpenMs = minOpenMs } = breaker
  const counts = {
    timeoutMs,
    maxResponseBytes,
    maxConcurrent,
    'breaker.faults': faults,
    'breaker.minOpenMs': minOpenMs,
  }
  for (const [path, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) problem(path, 'must be a whole number of at least 1')
  }
  if (!Number.isSafeInteger(maxQueued) || maxQueued < 0) problem('maxQueued', 'must be a whole number of at least 0')
  if (!(maxOpenMs >= minOpenMs)) problem('breaker.maxOpenMs', 'must not be below breaker.minOpenMs')

  const secureContext = parseTls(options.tls ?? {}, problem)
  if (url === null || problems.length > 0) throw new ConfigurationError(options.name, problems)
  return { url, secureContext }
}

function parseTls(
  { ca, certificate, key }: HttpBackendTls,
  problem: (path: string, message: string) => void,
): SecureContext | undefined {
  const authorities = ca === undefined ? undefined : [ca].flat()
  if (authorities?.length === 0) problem('tls.ca', 'must name at least one certificate, or be left out')
  for (const authority of authorities ?? []) {
    // Node would skip what it cannot read, and then trust nobody.
    if (!isCertificate(authority)) problem('tls.ca', 'must be a PEM certificate')
  }
  if ((certificate === undefined) !== (key === undefined)) problem('tls', 'needs both certificate and key, or neither')
  try {
    return createSecureContext({
      minVersion: 'TLSv1.2',
      // A certificate that is named is trusted as it is, whoever issued it.
      ...(authorities && { ca: authorities, allowPartialTrustChain: true }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(key && { key: key.reveal() }),
    })
  } catch {
    // The library's message may quote what it was given.
    problem('tls', 'needs a PEM certificate in certificate and its unencrypted PEM private key in key')
    return undefined
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined
  } catch {
    return false
  }
}
