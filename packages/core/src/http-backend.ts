import { Agent as HttpAgent, validateHeaderName, validateHeaderValue } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Call } from './authenticator.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { systemClock } from './clock.ts'
import { BackendUnavailableError } from './errors.ts'
import {
  type HttpBackendOptions,
  type HttpBackendTarget,
  type HttpBackendTls,
  parseHttpBackendOptions,
} from './http-backend-options.ts'
import { exchange, type RawAnswer } from './http-exchange.ts'
import { explainFault, withoutPayload } from './network-fault.ts'
import { createSlots } from './slots.ts'
import { withBudget } from './time-budget.ts'

/** One request to an HTTP backend. Secrets go into the body or a header, never into path or query. */
export interface HttpRequest {
  /** `GET` by default. */
  readonly method?: 'GET' | 'POST'
  /** Appended to the path of the backend's URL, such as `/oauth/token`. */
  readonly path?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A complete answer of an HTTP backend, whatever its status: redirects and errors are for the caller to judge. */
export interface HttpAnswer {
  readonly status: number
  /** A header field by its name in lower case; several fields of one name are joined by commas. */
  header(name: string): string | undefined
  /** @throws {BackendUnavailableError} when the body is not UTF-8. */
  text(): string
  /** @throws {BackendUnavailableError} when the body is not JSON, or has a member called `__proto__`. */
  json(): unknown
}

/** Calls one HTTP backend, within limits. */
export interface HttpBackend {
  /**
   * Sends one request, once: nothing is tried again, since every try of a password counts at the backend.
   *
   * @throws {BackendUnavailableError} with its cause for every failure; the message holds nothing that was sent or received.
   */
  send(request: HttpRequest, call: Call): Promise<HttpAnswer>
  /** Closes every connection; calls that are under way fail. */
  close(): void
}

/** Shorter than most servers keep an idle connection, so that a request seldom meets one that is being closed. */
const IDLE_CONNECTION_MS = 3_000

/**
 * Makes the one way to call an HTTP backend: verified TLS 1.2 or later, a time budget, a size limit, no redirects, a
 * bounded pool of connections with a bounded queue, and a circuit breaker with jittered back-off.
 *
 * @throws {ConfigurationError} with every problem found.
 */
export function createHttpBackend(options: HttpBackendOptions): HttpBackend {
  const { name, clock = systemClock, timeoutMs = 5_000, maxResponseBytes = 65_536, maxConcurrent = 16 } = options
  const isFault = options.isFault ?? ((status) => status >= 500)
  const target = parseHttpBackendOptions(options)
  const base = target.url
  const agent = createAgent(target, options.tls ?? {}, maxConcurrent)
  const breaker = createCircuitBreaker(clock, options.random ?? Math.random, options.breaker)
  const slots = createSlots(maxConcurrent, options.maxQueued ?? 64)
  warnOfInsecureOptions(options, base)

  const unavailable = (message: string, more?: { cause?: unknown; retryAfterSeconds?: number }) =>
    new BackendUnavailableError(name, `${base.host} ${message}`, more)
  const refuseWhileOpen = () => {
    const openForMs = breaker.openForMs()
    if (openForMs === 0) return
    const retryAfterSeconds = Math.ceil(openForMs / 1000)
    throw unavailable('failed repeatedly and is left alone for a while', { retryAfterSeconds })
  }

  async function callOnce(
    { method = 'GET', path, query, headers, body }: HttpRequest,
    call: Call,
    budget: AbortSignal,
  ) {
    const signal = AbortSignal.any([budget, call.signal])
    const free = await slots.take(signal)
    if (free === 'full') throw unavailable('has too many calls waiting already; raise maxConcurrent or maxQueued')
    if (free === 'aborted') throw unavailable('was not asked: the time was spent waiting for earlier calls')
    try {
      refuseWhileOpen()
      const settle = breaker.begin()
      try {
        const url = urlOf(base, path, query)
        const sent = { ...headers, 'accept-encoding': 'identity' }
        const answer = await exchange(url, { agent, method, headers: sent, body, signal, maxBytes: maxResponseBytes })
        settle(isFault(answer.status) ? 'fault' : 'answered')
        return answer
      } catch (error) {
        settle(call.signal.aborted && !budget.aborted ? 'undecided' : 'fault')
        throw error
      }
    } finally {
      free()
    }
  }

  return {
    send: (request, call) =>
      withBudget(clock, timeoutMs, async (budget) => {
        try {
          checkHeaders(request.headers ?? {})
          return readable(await callOnce(request, call, budget), unavailable)
        } catch (error) {
          if (error instanceof BackendUnavailableError) throw error
          const cause = withoutPayload(error)
          if (budget.aborted) throw unavailable(`did not answer within ${timeoutMs} ms`, { cause })
          if (call.signal.aborted) throw unavailable('did not answer before the caller gave up', { cause })
          throw unavailable(explainFault(error), { cause })
        }
      }),
    close: () => agent.destroy(),
  }
}

function createAgent(
  { url, secureContext }: HttpBackendTarget,
  tls: HttpBackendTls,
  maxFreeSockets: number,
): HttpAgent {
  const pool = { keepAlive: true, maxFreeSockets, timeout: IDLE_CONNECTION_MS }
  if (url.protocol === 'http:') return new HttpAgent(pool)
  return new HttpsAgent({
    ...pool,
    secureContext,
    // Said explicitly: left out, an environment variable of Node could turn the check off.
    rejectUnauthorized: tls.insecureSkipVerify !== true,
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  })
}

function warnOfInsecureOptions({ name, tls }: HttpBackendOptions, url: URL): void {
  const warn = (message: string) => process.emitWarning(`${name}: ${message}`, { code: 'LOCKKEEPER_INSECURE' })
  if (url.protocol === 'http:') warn(`insecureAllowPlaintext sends credentials to ${url.host} in clear`)
  if (tls?.insecureSkipVerify) warn(`insecureSkipVerify trusts whoever answers as ${url.host}`)
}

function urlOf(base: URL, path = '', query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(base)
  // Set, not resolved: a path such as //elsewhere.test cannot leave the backend.
  url.pathname = base.pathname.replace(/\/$/, '') + path
  url.search = new URLSearchParams(query).toString()
  return url
}

/** Before anything is counted as a fault of the backend: what the caller got wrong is not. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [field, value] of Object.entries(headers)) {
    validateHeaderName(field)
    validateHeaderValue(field, value)
  }
}

function readable(
  { status, headers, body }: RawAnswer,
  unavailable: (message: string, more?: { cause: unknown }) => BackendUnavailableError,
): HttpAnswer {
  const text = () => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(body)
    } catch (cause) {
      throw unavailable('answers with text that is not UTF-8', { cause })
    }
  }
  return {
    status,
    header(name) {
      const value = Object.hasOwn(headers, name) ? headers[name] : undefined
      return Array.isArray(value) ? value.join(', ') : value
    },
    text,
    json() {
      const json = text()
      try {
        return JSON.parse(json, refuseReservedNames)
      } catch {
        // The parser's message quotes the body, so it is no cause.
        throw unavailable('answers with a body that is not the JSON it should be')
      }
    },
  }
}

function refuseReservedNames(key: string, value: unknown): unknown {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') throw new TypeError('reserved name')
  return value
}
