import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it, vi } from 'vitest'
import { createHttpBackend, type HttpBackendOptions, Secret } from '../src/index.ts'
import { call, failure, httpServer, plainBackend, until } from './http-backend-house.ts'

describe('a call', () => {
  it('sends what it is told and gives back the whole answer', async () => {
    const seen: { request: IncomingMessage; body: string }[] = []
    const server = await httpServer(async (request, response) => {
      seen.push({ request, body: await text(request) })
      response.writeHead(201, { 'Content-Type': 'application/json', 'X-Twice': ['a', 'b'] })
      response.end('{"id":"ü"}')
    })
    const backend = plainBackend(server.port, { url: `http://127.0.0.1:${server.port}/uaa/` })
    const answer = await backend.send(
      {
        method: 'POST',
        path: '/oauth/token',
        query: { filter: 'userName eq "a&b"' },
        headers: { authorization: 'Basic YTpi' },
        body: 'grant_type=password',
      },
      call,
    )
    expect(seen[0]?.request).toMatchObject({
      method: 'POST',
      url: '/uaa/oauth/token?filter=userName+eq+%22a%26b%22',
      headers: { authorization: 'Basic YTpi', 'content-length': '19', 'accept-encoding': 'identity' },
    })
    expect(seen[0]?.body).toBe('grant_type=password')
    expect([answer.status, answer.header('content-type'), answer.header('x-twice')]).toEqual([
      201,
      'application/json',
      'a, b',
    ])
    expect(answer.text()).toBe('{"id":"ü"}')
    expect(answer.json()).toEqual({ id: 'ü' })
    expect([answer.header('x-missing'), answer.header('constructor')]).toEqual([undefined, undefined])
  })

  it('asks for the URL of the backend with GET when nothing else is said', async () => {
    const server = await httpServer(({ method, url }, response) => response.end(`${method} ${url}`))
    expect((await plainBackend(server.port).send({}, call)).text()).toBe('GET /')
  })

  it.each(['//elsewhere.test/x', '/\\elsewhere.test', '@elsewhere.test', '/../../x'])(
    'stays with the backend whatever the path is: %s',
    async (path) => {
      const server = await httpServer(({ headers }, response) => response.end(headers.host))
      const answer = await plainBackend(server.port).send({ path }, call)
      expect(answer.text()).toBe(`127.0.0.1:${server.port}`)
    },
  )

  it('UAA-03: does not follow a redirect, and takes no credential to where it points', async () => {
    const trap = await httpServer((_request, response) => response.end('caught'))
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `http://127.0.0.1:${trap.port}/`
      const server = await httpServer((_request, response) => response.writeHead(status, { location }).end())
      const answer = await plainBackend(server.port).send({ headers: { authorization: 'Basic YTpi' } }, call)
      expect([answer.status, answer.header('location')]).toEqual([status, location])
    }
    expect(trap.connections).toBe(0)
  })

  it('gives errors of the backend back as answers, for the caller to judge', async () => {
    const server = await httpServer((_request, response) => response.writeHead(401).end('{"error":"invalid_client"}'))
    expect(await plainBackend(server.port).send({}, call)).toMatchObject({ status: 401 })
  })

  it('cannot be made to write a second header', async () => {
    const server = await httpServer((_request, response) => response.end())
    const error = await failure(plainBackend(server.port).send({ headers: { 'x-name': 'a\r\nx-admin: 1' } }, call))
    expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(error.cause).toMatchObject({ code: 'ERR_INVALID_CHAR' })
    expect(server.connections).toBe(0)
  })
})

describe('connections', () => {
  it('are used again', async () => {
    const server = await httpServer((_request, response) => response.end('ok'))
    const backend = plainBackend(server.port)
    for (let time = 0; time < 5; time++) await backend.send({}, call)
    expect(server.connections).toBe(1)
  })

  it('OPS-05: are no more than the calls at once, however many are made', async () => {
    let now = 0
    let most = 0
    const server = await httpServer(async (_request, response) => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now -= 1
      response.end()
    })
    const backend = plainBackend(server.port, { maxConcurrent: 3, maxQueued: 100 })
    await Promise.all(Array.from({ length: 30 }, () => backend.send({}, call)))
    expect(most).toBe(3)
    expect(server.connections).toBe(3)
  })

  it('are closed with the backend', async () => {
    const server = await httpServer((_request, response) => response.end())
    const backend = plainBackend(server.port)
    await backend.send({}, call)
    expect(server.openConnections).toBe(1)
    backend.close()
    await until(() => server.openConnections === 0)
  })

  it('that the backend closed while they were idle are not used again', async () => {
    const server = await httpServer((_request, response) =>
      response.writeHead(200, { 'keep-alive': 'timeout=1' }).end(),
    )
    const backend = plainBackend(server.port)
    await backend.send({}, call)
    await until(() => server.openConnections === 0)
    expect(await backend.send({}, call)).toMatchObject({ status: 200 })
  })
})

describe('OPS-05: the queue', () => {
  it('fails at once what finds it full, and never starts what left it', async () => {
    const paths: string[] = []
    const server = await httpServer(({ url = '' }, response) => {
      paths.push(url)
      if (url !== '/first') response.end()
    })
    const clock = fakeClock()
    const backend = plainBackend(server.port, { maxConcurrent: 1, maxQueued: 1, clock })
    const leaving = new AbortController()
    const first = failure(backend.send({ path: '/first' }, call))
    await until(() => paths.length === 1)
    const second = failure(backend.send({ path: '/second' }, leaving))
    expect((await failure(backend.send({ path: '/third' }, call))).message).toContain(
      'raise maxConcurrent or maxQueued',
    )
    leaving.abort()
    expect((await second).message).toContain('waiting for earlier calls')
    await clock.advance(5000)
    expect((await first).message).toContain('did not answer within 5000 ms')
    expect((await backend.send({ path: '/fourth' }, call)).status).toBe(200)
    expect(paths).toEqual(['/first', '/fourth'])
  })

  it('is part of the time budget: waiting does not add to it', async () => {
    const server = await httpServer(() => {})
    const clock = fakeClock()
    const backend = plainBackend(server.port, { maxConcurrent: 1, clock })
    const calls = [failure(backend.send({}, call)), failure(backend.send({}, call))]
    await until(() => server.connections === 1)
    await clock.advance(5000)
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })
})

describe('OPS-05: the circuit breaker', () => {
  const fast = { faults: 3, minOpenMs: 1000, maxOpenMs: 8000 }

  it('stops asking a backend that fails, says when to come back, and asks again with one probe', async () => {
    let status = 503
    let requests = 0
    const server = await httpServer((_request, response) => {
      requests += 1
      response.writeHead(status).end()
    })
    const clock = fakeClock()
    const backend = plainBackend(server.port, { clock, random: () => 0, breaker: fast })
    for (let time = 0; time < 3; time++) expect((await backend.send({}, call)).status).toBe(503)
    expect(await failure(backend.send({}, call))).toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      message: expect.stringContaining('left alone'),
      retryAfterSeconds: 1,
    })
    expect(requests).toBe(3)
    await clock.advance(1000)
    status = 200
    const outcomes = await Promise.allSettled([backend.send({}, call), backend.send({}, call), backend.send({}, call)])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(requests).toBe(4)
    expect((await backend.send({}, call)).status).toBe(200)
  })

  it('counts connections that fail', async () => {
    const server = await httpServer(({ socket }) => socket.destroy())
    const backend = plainBackend(server.port, { breaker: fast, clock: fakeClock() })
    for (let time = 0; time < 3; time++) await failure(backend.send({}, call))
    expect((await failure(backend.send({}, call))).message).toContain('left alone')
    expect(server.connections).toBe(3)
  })

  it('lets the caller say what a fault is', async () => {
    const server = await httpServer((_request, response) => response.writeHead(500).end())
    const never = plainBackend(server.port, { breaker: { faults: 1 }, isFault: () => false })
    for (let time = 0; time < 5; time++) expect((await never.send({}, call)).status).toBe(500)
    const always = plainBackend(server.port, { breaker: { faults: 1 }, isFault: (status) => status === 500 })
    await always.send({}, call)
    await expect(always.send({}, call)).rejects.toThrow('left alone')
  })

  it('does not count refused credentials, calls that were given up, or requests that cannot be written', async () => {
    const answer = vi.fn((finish: () => void) => finish())
    const server = await httpServer((_request, response) => answer(() => response.writeHead(401).end()))
    const backend = plainBackend(server.port, { breaker: { faults: 1 } })
    await backend.send({}, call)
    await failure(backend.send({ headers: { 'x-name': '\n' } }, call))
    answer.mockImplementationOnce(() => {})
    const gone = new AbortController()
    const given = failure(backend.send({}, gone))
    await until(() => answer.mock.calls.length === 2)
    gone.abort()
    expect((await given).message).toContain('before the caller gave up')
    expect((await backend.send({}, call)).status).toBe(401)
  })

  it('leaves nobody waiting who was queued when it opened', async () => {
    const held: (() => void)[] = []
    const server = await httpServer((_request, response) => {
      held.push(() => response.writeHead(500).end())
    })
    const backend = plainBackend(server.port, { breaker: { faults: 1 }, maxConcurrent: 1 })
    const first = backend.send({}, call)
    const queued = failure(backend.send({}, call))
    await until(() => held.length === 1)
    held[0]?.()
    await first
    expect((await queued).message).toContain('left alone')
    expect(held).toHaveLength(1)
  })
})

describe('options', () => {
  const problemsOf = (options: Partial<HttpBackendOptions>) => {
    try {
      createHttpBackend({ name: 'uaa_auth', url: 'https://uaa.test', ...options }).close()
    } catch (error) {
      return error
    }
    return undefined
  }

  it.each<[string, Partial<HttpBackendOptions>, string[]]>([
    ['no URL', { url: 'uaa.test' }, ['url']],
    ['another scheme', { url: 'ftp://uaa.test' }, ['url']],
    ['plain HTTP without saying so', { url: 'http://uaa.test' }, ['url']],
    ['credentials in the URL', { url: 'https://a:b@uaa.test' }, ['url']],
    ['a query', { url: 'https://uaa.test/?a=b' }, ['url']],
    ['a fragment', { url: 'https://uaa.test/#a' }, ['url']],
    ['no budget', { timeoutMs: 0 }, ['timeoutMs']],
    [
      'numbers that are none',
      { maxResponseBytes: Number.NaN, maxConcurrent: 1.5 },
      ['maxResponseBytes', 'maxConcurrent'],
    ],
    ['a queue below nothing', { maxQueued: -1 }, ['maxQueued']],
    [
      'a breaker that cannot work',
      { breaker: { faults: 0, minOpenMs: 9, maxOpenMs: 8 } },
      ['breaker.faults', 'breaker.maxOpenMs'],
    ],
    ['a CA that is none', { tls: { ca: 'nonsense' } }, ['tls.ca']],
    ['no CA at all', { tls: { ca: [] } }, ['tls.ca']],
    ['half a client certificate', { tls: { key: new Secret('x') } }, ['tls', 'tls']],
    ['several faults at once', { url: 'x', timeoutMs: -1 }, ['url', 'timeoutMs']],
  ])('refuses %s', (_what, options, paths) => {
    expect(problemsOf(options)).toMatchObject({ code: 'ERR_CONFIGURATION', problems: paths.map((path) => ({ path })) })
  })

  it('takes a queue of nothing', () => {
    expect(problemsOf({ maxQueued: 0 })).toBeUndefined()
  })

  it('OBS-01: shows no key that it cannot read', () => {
    const key = new Secret('-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----')
    expect(String(problemsOf({ tls: { certificate: 'x', key } }))).not.toContain('c2VjcmV0')
  })

  it('OPS-04: warns of what is insecure, loudly and once', () => {
    const warnings = () => vi.mocked(process.emitWarning).mock.calls.map(([message]) => message)
    problemsOf({})
    expect(warnings()).toEqual([])
    problemsOf({ url: 'http://uaa.test', insecureAllowPlaintext: true })
    problemsOf({ tls: { insecureSkipVerify: true } })
    expect(warnings()).toEqual([
      'uaa_auth: insecureAllowPlaintext sends credentials to uaa.test in clear',
      'uaa_auth: insecureSkipVerify trusts whoever answers as uaa.test',
    ])
  })
})
