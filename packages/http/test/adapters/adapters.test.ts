import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@lockkeeper/core'
import express, { type ErrorRequestHandler } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expressMiddleware } from '../../src/adapters/express.ts'
import { nodeListener } from '../../src/adapters/node.ts'
import { readBody } from '../../src/body.ts'
import type { Connection, RequestLogEntry } from '../../src/index.ts'
import { html } from '../../src/web/html.ts'
import { pageResponse } from '../../src/web/page-response.ts'
import { as, basic, buildHouse, claimsOf, form, PASSWORD } from '../house.ts'
import { FRAMEWORKS, type Mount, type Mounted } from './frameworks.ts'
import { KEEP_ALIVE, rawRequest, sendRaw } from './raw-socket.ts'

describe.each(Object.entries(FRAMEWORKS))('mounted in %s', (name, mount: Mount) => {
  const connections: Connection[] = []
  const house = buildHouse({
    clock: systemClock,
    freezeMs: 0,
    routes: [
      {
        method: 'POST',
        path: '/echo',
        handle: async (request) => new Response(Buffer.from(await readBody(request, 64 * 1024))),
      },
      {
        method: 'GET',
        path: '/cookies',
        handle: async () =>
          new Response('', {
            headers: [
              ['Set-Cookie', 'a=1'],
              ['Set-Cookie', 'b=2, 3'],
            ],
          }),
      },
      {
        method: 'GET',
        path: '/stream',
        handle: async () => new Response(new Blob(['a'.repeat(3_000_000)]).stream()),
      },
      {
        method: 'GET',
        path: '/page',
        handle: async () => pageResponse(html`<p>Ünï</p>`, { cookies: ['a=1', 'b=2, 3'] }),
      },
      { method: 'GET', path: '/empty', handle: async () => new Response(null, { status: 204 }) },
    ],
  })
  let mounted: Mounted

  beforeAll(async () => {
    mounted = await mount((request, connection) => {
      connections.push(connection)
      return house.handler(request, connection)
    })
  })
  afterAll(() => mounted.close())

  it('issues tokens by GET and by POST', async () => {
    for (const init of [as('jane'), form({ grant_type: 'password', username: 'jane', password: PASSWORD })]) {
      const response = await fetch(`${mounted.url}/service/token`, init)
      expect(response.status).toBe(200)
      expect(claimsOf((await response.json()).token).sub).toBe('jane')
      expect(response.headers.get('x-frame-options')).toBe('DENY')
    }
  })

  it('says who is on the socket', () => {
    expect(connections.at(-1)).toEqual({ peer: '127.0.0.1', tls: false })
  })

  it('refuses wrong passwords, and answers what it does not serve', async () => {
    const wrong = await fetch(`${mounted.url}/service/token`, as('jane', 'wrong'))
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="lockkeeper"'])
    const missing = await fetch(`${mounted.url}/nothing`)
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8'])
  })

  it('LOG-06: sees a second Authorization header', async () => {
    const good = `Authorization: ${basic('jane', PASSWORD)}`
    for (const headers of [
      [good, 'Authorization: Basic YTpi'],
      ['Authorization: Basic YTpi', good],
      [good, good],
      [good, 'authorization: Bearer good'],
    ]) {
      expect((await sendRaw(mounted.url, rawRequest('GET /service/token', headers))).status).toBe(400)
    }
    expect((await sendRaw(mounted.url, rawRequest('GET /service/token', [good]))).status).toBe(200)
  })

  it('HTTP-02: refuses absolute-form targets', async () => {
    for (const target of ['http://auth.test/service/token', 'http://evil.test/v2/', 'https://auth.test/']) {
      const answer = await sendRaw(mounted.url, rawRequest(`GET ${target}`, [KEEP_ALIVE]))
      expect([target, answer.status, answer.isClosed]).toEqual([target, 400, true])
    }
  })

  it.each(['/v2/../service/token', '/service/./token', '/service//token', '/service/%74oken', '/service/token#x'])(
    'CHN-02: takes %s for another address',
    async (target) => {
      const answer = await sendRaw(
        mounted.url,
        rawRequest(`GET ${target}`, [`Authorization: ${basic('jane', PASSWORD)}`]),
      )
      expect(answer.status).toBe(404)
    },
  )

  it('HTTP-03: has TRACE off', async () => {
    const answer = await sendRaw(mounted.url, rawRequest('TRACE /service/token', ['X-Secret: sesame']))
    expect([404, 405]).toContain(answer.status)
    expect(answer.text).not.toContain('sesame')
  })

  it('names no software', async () => {
    const { headers } = await fetch(`${mounted.url}/service/token`)
    expect(headers.has('server') || headers.has('x-powered-by')).toBe(false)
  })

  it('hands bodies on byte by byte, in whatever pieces they come', async () => {
    const body = Buffer.from(Array.from({ length: 60_000 }, (_, n) => n % 256))
    const response = await fetch(`${mounted.url}/echo`, { method: 'POST', body })
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true)
    const chunked = rawRequest('POST /echo', ['Transfer-Encoding: chunked'], '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n')
    expect((await sendRaw(mounted.url, chunked)).text).toMatch(/abcde/)
  })

  it('HTTP-01: answers a body that is too long while it is still coming', async () => {
    const head = rawRequest('POST /echo', ['Content-Length: 1048576'])
    expect((await sendRaw(mounted.url, head + 'a'.repeat(2 ** 20), 2500)).status).toBe(413)
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`
    const chunked = rawRequest('POST /service/token', ['Transfer-Encoding: chunked'], chunk.repeat(8))
    expect((await sendRaw(mounted.url, chunked, 2500)).status).toBe(413)
  })

  it('sends cookies one by one, streams whole and empty answers empty', async () => {
    expect((await fetch(`${mounted.url}/cookies`)).headers.getSetCookie()).toEqual(['a=1', 'b=2, 3'])
    expect((await (await fetch(`${mounted.url}/stream`)).text()).length).toBe(3_000_000)
    const empty = await fetch(`${mounted.url}/empty`)
    expect([empty.status, await empty.text()]).toEqual([204, ''])
  })

  it('sends a text in one piece, with its length in bytes and all of its cookies', async () => {
    const page = await fetch(`${mounted.url}/page`)
    expect([await page.text(), page.headers.get('content-length')]).toEqual(['<p>Ünï</p>', '12'])
    expect(page.headers.getSetCookie()).toEqual(['a=1', 'b=2, 3'])
    expect(page.headers.get('x-powered-by')).toBeNull()
  })

  it('answers HEAD without a body, and keeps the connection in step', async () => {
    const head = rawRequest('HEAD /healthz', [KEEP_ALIVE])
    const answer = await sendRaw(mounted.url, head + rawRequest('GET /healthz'))
    expect(answer.text.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(answer.text.match(/"alive"/g)).toHaveLength(1)
  })

  if (!['serve', 'node:http'].includes(name)) {
    it('leaves the application its own routes', async () => {
      expect(await (await fetch(`${mounted.url}/own`)).text()).toBe('own')
    })
  }
})

describe('a body parser in front', () => {
  const grant = form({ grant_type: 'password', username: 'jane', password: PASSWORD })
  const close = (server: Server) => new Promise((resolve) => server.close(resolve))
  const listen = async (server: Server) => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/service/token`
  }

  it('is a mistake of the program and not an empty body: Express hands it to the error handlers', async () => {
    const errors: unknown[] = []
    const app = express()
    app.use(express.urlencoded())
    app.use(expressMiddleware(buildHouse().handler))
    const report: ErrorRequestHandler = (error, _request, response, _next) => {
      errors.push(error)
      response.sendStatus(500)
    }
    app.use(report)
    const server = createServer(app)
    expect((await fetch(await listen(server), grant)).status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('before body parsers') })])
    await close(server)
  })

  it('is logged and answered with 500 where there is nobody to hand it to', async () => {
    const log: RequestLogEntry[] = []
    const listener = nodeListener(buildHouse().handler, { log: (entry) => log.push(entry) })
    const server = createServer((message, outgoing) => {
      message.resume().on('end', () => listener(message, outgoing))
    })
    const response = await fetch(await listen(server), grant)
    expect([response.status, response.headers.get('x-frame-options')]).toEqual([500, 'DENY'])
    expect(log).toMatchObject([{ level: 'error', status: 500, error: { name: 'TypeError' } }])
    await close(server)
  })
})

describe('Express', () => {
  it('takes a path off the address that a handler is mounted under', async () => {
    const app = express()
    app.use('/auth', expressMiddleware(buildHouse().handler))
    const server = createServer(app)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    expect((await fetch(`http://127.0.0.1:${port}/auth/healthz`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(404)
    await new Promise((resolve) => server.close(resolve))
  })
})
