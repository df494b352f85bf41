import { BackendUnavailableError } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { readBody } from '../src/body.ts'
import {
  createHandler,
  type HandlerParts,
  RequestError,
  type RequestInfo,
  type RequestLogEntry,
  type Route,
} from '../src/index.ts'
import { as, asker, buildHouse, form } from './house.ts'

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const routed = (handle: Route['handle'], parts: Partial<HandlerParts> = {}) => {
  const log: RequestLogEntry[] = []
  const routes: Route[] = [{ method: ['GET', 'POST'], path: '/x', handle }]
  const handler = createHandler({ routes, log: (entry) => log.push(entry), ...parts })
  return { handler, log, ask: asker(handler) }
}
const ok = async () => new Response('fine')
const failing = (error: unknown) => routed(() => Promise.reject(error))

describe('the handler', () => {
  it('tells a route what it found out about the request', async () => {
    const seen: RequestInfo[] = []
    const { handler } = routed(
      async (_, info) => {
        seen.push(info)
        return new Response()
      },
      { trustedProxies: ['10.0.0.1'] },
    )
    const connection = { peer: '10.0.0.1', tls: false }
    const headers = { 'x-forwarded-for': '192.0.2.9', 'x-request-id': 'chosen-by-the-client' }
    const response = await handler(new Request('http://auth.test/x?a=b', { headers }), connection)
    expect(seen).toEqual([
      {
        requestId: response.headers.get('x-request-id'),
        url: new URL('http://auth.test/x?a=b'),
        path: '/x',
        source: '192.0.2.9',
        connection,
      },
    ])
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('HTTP-04: puts security headers on every answer, errors and 404 included, and names no software', async () => {
    const { ask, mode } = buildHouse({ freezeMs: 0 })
    const answers = [
      await ask('/service/token', as('jane')),
      await ask('/service/token', as('jane', 'wrong')),
      await ask('/service/token', { method: 'DELETE' }),
      await ask('/service/token?a=%'),
      await ask('/service/token', form('x'.repeat(20_000))),
      await ask('/nothing'),
      await ask('/v2/'),
      await ask('/healthz'),
      await ask('/readyz'),
      await routed(ok).ask('/x'),
      await failing(new Error('a bug')).ask('/x'),
    ]
    mode.failAt('look-up')
    answers.push(await ask('/service/token', as('jane')))
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 405, 400, 413, 404, 401, 200, 200, 200, 500, 503])
    for (const { headers } of answers) {
      expect(Object.fromEntries(headers)).toMatchObject(SECURITY_HEADERS)
      expect(headers.has('server')).toBe(false)
      expect(headers.has('x-powered-by')).toBe(false)
      expect(headers.has('x-request-id')).toBe(true)
    }
  })

  it('HTTP-04: keeps what a route says of its own, and drops what names the software', async () => {
    const headers = { 'content-security-policy': "default-src 'self'", server: 'x/1.2', 'x-powered-by': 'y' }
    const response = await routed(async () => new Response('', { headers })).ask('/x')
    expect(response.headers.get('content-security-policy')).toBe("default-src 'self'")
    expect(response.headers.has('server') || response.headers.has('x-powered-by')).toBe(false)
  })

  it('HTTP-04: adds its headers to answers whose headers cannot be changed', async () => {
    const response = await routed(async () => Response.redirect('http://auth.test/y', 303)).ask('/x')
    expect([response.status, response.headers.get('location')]).toEqual([303, 'http://auth.test/y'])
    expect(response.headers.get('x-frame-options')).toBe('DENY')
  })

  it('HTTP-04: tells browsers to stay with https where the socket is TLS, or where it is told so', async () => {
    const sts = async (tls: boolean, parts: Partial<HandlerParts> = {}) =>
      (await routed(ok, parts).handler(new Request('http://auth.test/x'), { peer: '192.0.2.7', tls })).headers.get(
        'strict-transport-security',
      )
    expect(await sts(true)).toBe('max-age=31536000')
    expect(await sts(false)).toBeNull()
    expect(await sts(false, { strictTransportSecurity: true })).toBe('max-age=31536000')
  })

  it.each(['/X', '/x/', '//x', '/x%2f', '/%78', '/x;a=b', '/.//x'])(
    'HTTP-03: takes %s for another address',
    async (path) => {
      expect((await routed(ok).ask(path)).status).toBe(404)
    },
  )

  it('HTTP-03: serves the hosts of its list alone, and probes under every host', async () => {
    const health: Route = { method: 'GET', path: '/healthz', anyHost: true, handle: ok }
    const routes: Route[] = [{ method: 'GET', path: '/x', handle: ok }, health]
    const handler = createHandler({ routes, log: () => {}, hosts: ['Auth.example.com', '[::1]:8080'] })
    const status = async (url: string) => (await handler(new Request(url), { peer: '192.0.2.7', tls: false })).status
    expect(await status('http://auth.example.com/x')).toBe(200)
    expect(await status('http://AUTH.EXAMPLE.COM/x')).toBe(200)
    expect(await status('http://[::1]:8080/x')).toBe(200)
    for (const host of ['evil.test', 'auth.example.com:81', 'auth.example.com.', 'xauth.example.com', '127.0.0.1']) {
      expect(await status(`http://${host}/x`)).toBe(421)
      expect(await status(`http://${host}/healthz`)).toBe(200)
    }
  })

  it.each(['http://a.test', 'a.test/', 'a.test:80', 'a b', ''])('HTTP-03: refuses the host %j at start', (host) => {
    expect(() => createHandler({ routes: [], log: () => {}, hosts: [host] })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION' }),
    )
  })

  it('HTTP-01: reads 64 header fields, 32 KiB of them and 8 KiB of query, and refuses one more', async () => {
    const { ask } = routed(ok)
    const fields = (count: number): RequestInit => ({
      headers: Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'a'])),
    })
    const long = (length: number): RequestInit => ({
      headers: { 'x-long': 'a'.repeat(length - 'x-long: \r\n'.length) },
    })
    expect((await ask('/x', fields(64))).status).toBe(200)
    expect((await ask('/x', fields(65))).status).toBe(431)
    expect((await ask('/x', long(32 * 1024))).status).toBe(200)
    expect((await ask('/x', long(32 * 1024 + 1))).status).toBe(431)
    expect((await ask(`/x?${'a'.repeat(8191)}`)).status).toBe(200)
    expect((await ask(`/x?${'a'.repeat(8192)}`)).status).toBe(400)
  })

  it('HTTP-01: counts a body while it streams, and stops reading at the first byte too many', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1024
        controller.enqueue(new Uint8Array(1024))
      },
    })
    const { ask } = routed(async (request) => new Response(String((await readBody(request, 64 * 1024)).length)))
    const response = await ask('/x', { method: 'POST', body: endless, duplex: 'half' } as RequestInit)
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(128 * 1024)
    expect(await (await ask('/x', { method: 'POST', body: 'a'.repeat(64 * 1024) })).text()).toBe('65536')
    const lying = { method: 'POST', body: 'a', headers: { 'content-length': '65537' } }
    expect((await ask('/x', lying)).status).toBe(413)
  })

  it.each(['gzip', 'br', 'identity, gzip', 'x'])('HTTP-01: refuses a body in %s with 415', async (encoding) => {
    const { ask } = routed(async (request) => new Response(String((await readBody(request, 10)).length)))
    const init = { method: 'POST', body: 'a', headers: { 'content-encoding': encoding } }
    expect((await ask('/x', init)).status).toBe(415)
    expect((await ask('/x', { ...init, headers: { 'content-encoding': 'Identity' } })).status).toBe(200)
  })

  it('HTTP-01: takes a body that breaks off for the client’s doing', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('ECONNRESET')) })
    const { ask, log } = routed(async (request) => new Response(String((await readBody(request, 10)).length)))
    expect((await ask('/x', { method: 'POST', body: broken, duplex: 'half' } as RequestInit)).status).toBe(400)
    expect(log).toMatchObject([{ level: 'info', reason: 'body_broken_off' }])
  })
})

describe('errors become answers', () => {
  it('JSX-04: an unexpected error is 500, logged whole and told to nobody', async () => {
    const bug = new TypeError('cannot read properties of undefined')
    const { ask, log } = failing(bug)
    const response = await ask('/x')
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({
      errors: [{ code: 'UNKNOWN', message: 'something went wrong on the server', detail: null }],
      error: 'server_error',
      error_description: 'something went wrong on the server',
    })
    const requestId = response.headers.get('x-request-id')
    expect(log).toEqual([
      { level: 'error', message: 'unexpected error', reason: 'unexpected_error', status: 500, requestId, error: bug },
    ])
  })

  it.each([undefined, null, 'text', 42, { status: 200 }])('JSX-04: so is %j, thrown', async (thrown) => {
    expect((await failing(thrown).ask('/x')).status).toBe(500)
  })

  it('JSX-04: a route that throws at once, and one that answers with nothing, are 500 as well', async () => {
    const throwing = routed(() => {
      throw new Error('a bug')
    })
    expect((await throwing.ask('/x')).status).toBe(500)
    expect((await routed(async () => undefined as unknown as Response).ask('/x')).status).toBe(500)
  })

  it('LCK-07: an outage is 503 with the time to try again, and the reason stays here', async () => {
    const error = new BackendUnavailableError('ldap_auth', 'no route to ldap.internal', { retryAfterSeconds: 2.5 })
    const { ask, log } = failing(error)
    const response = await ask('/x')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '3'])
    expect(await response.text()).not.toMatch(/ldap|internal/)
    expect(log).toMatchObject([{ level: 'warn', status: 503, reason: 'ldap_auth: no route to ldap.internal' }])
  })

  it('knows the errors of another installed copy by their codes', async () => {
    const unavailable = Object.assign(new Error('x'), { code: 'ERR_BACKEND_UNAVAILABLE', retryAfterSeconds: 1 })
    expect((await failing(unavailable).ask('/x')).status).toBe(503)
    const refused = { status: 404, problem: 'NAME_UNKNOWN', message: 'no', reason: 'r', headers: {} }
    expect((await failing(Object.assign(new Error('no'), { code: 'ERR_REQUEST', ...refused })).ask('/x')).status).toBe(
      404,
    )
  })

  it('a refusal keeps its headers, and its reason stays here', async () => {
    const error = new RequestError({
      status: 401,
      code: 'UNAUTHORIZED',
      message: 'authentication required',
      reason: 'because of this',
      headers: { 'WWW-Authenticate': 'Basic realm="x"' },
    })
    const { ask, log } = failing(error)
    const response = await ask('/x')
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="x"')
    expect(await response.text()).not.toContain('because')
    expect(log).toMatchObject([{ level: 'info', reason: 'because of this' }])
  })

  it('a log that throws changes nothing', async () => {
    const throwing = () => {
      throw new Error('disk full')
    }
    expect((await routed(ok, { log: throwing }).ask('/y')).status).toBe(404)
  })
})
