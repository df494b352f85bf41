import { randomUUID } from 'node:crypto'
import { ConfigurationError } from '@lockkeeper/core'
import { errorResponse, type RequestLog } from './error-response.ts'
import { RequestError } from './request-error.ts'
import { checkRequestLimits } from './request-limits.ts'
import type { Connection, Handler, RequestInfo, Route } from './route.ts'
import { createRouter } from './router.ts'
import { withSecurityHeaders } from './security-headers.ts'
import { createSourceReader } from './source.ts'

/** What a handler is made of. */
export interface HandlerParts {
  readonly routes: readonly Route[]
  /** Takes one line for each request that was not answered as asked. */
  readonly log: RequestLog
  /** The `Host` values that are served, with a port where it is not the usual one; every one by default. */
  readonly hosts?: readonly string[]
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed; none by default. */
  readonly trustedProxies?: readonly string[]
  /** Sent where people reach the server by https; by default where the socket itself is TLS. */
  readonly strictTransportSecurity?: boolean
}

/**
 * Makes the handler of a server: finds the route, and turns whatever goes wrong into an answer. It never rejects.
 *
 * @throws {ConfigurationError} when routes contradict each other, or a proxy or host cannot be one.
 */
export function createHandler(parts: HandlerParts): Handler {
  const findRoute = createRouter(parts.routes)
  const readSource = createSourceReader(parts.trustedProxies)
  const hosts = parts.hosts && new Set(parts.hosts.map(readHost))

  return async (request, connection) => {
    const requestId = randomUUID()
    const strictTransportSecurity = parts.strictTransportSecurity ?? connection.tls
    const secure = (response: Response) => withSecurityHeaders(response, { requestId, strictTransportSecurity })
    const secured = await answer(request, connection, requestId)
      .then(secure)
      .catch((error: unknown) => secure(errorResponse(error, requestId, parts.log)))
    if (request.method !== 'HEAD') return secured
    secured.body?.cancel().catch(() => {})
    return new Response(null, { status: secured.status, headers: secured.headers })
  }

  async function answer(request: Request, connection: Connection, requestId: string): Promise<Response> {
    const url = new URL(request.url)
    checkRequestLimits(url, request.headers)
    const path = url.pathname
    const route = findRoute(path, request.method)
    if (hosts && !route.anyHost && !hosts.has(url.host)) throw misdirected()
    const info: RequestInfo = { requestId, url, path, source: readSource(request.headers, connection), connection }
    return route.handle(request, info)
  }
}

function readHost(text: string, index: number): string {
  const url = URL.parse(`http://${text}`)
  if (url !== null && url.host === text.toLowerCase()) return url.host
  const message = 'must be a host name as clients send it, such as auth.example.com or auth.example.com:8443'
  throw new ConfigurationError('hosts', [{ path: `[${index}]`, message }])
}

const misdirected = (): RequestError =>
  new RequestError({
    status: 421,
    code: 'UNSUPPORTED',
    message: 'this server does not answer for the host that was asked',
    reason: 'unknown_host',
  })
