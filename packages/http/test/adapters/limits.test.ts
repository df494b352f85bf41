import { connect, type Socket } from 'node:net'
import { systemClock } from '@lockkeeper/core'
import { afterEach, describe, expect, it } from 'vitest'
import { readLimits } from '../../src/adapters/limits.ts'
import { type RunningServer, type ServeLimits, type ServeOptions, serve } from '../../src/adapters/node.ts'
import type { Route } from '../../src/index.ts'
import { buildHouse } from '../house.ts'
import { KEEP_ALIVE, rawRequest, sendRaw, sendThenRead } from './raw-socket.ts'

const running: RunningServer[] = []
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of running.splice(0)) await server.stop()
})

const start = async (
  limits: Partial<ServeLimits> = {},
  options: Partial<ServeOptions> = {},
  routes: readonly Route[] = [],
) => {
  const { handler } = buildHouse({ clock: systemClock, freezeMs: 0, routes })
  const server = await serve(handler, { listen: '127.0.0.1:0', limits: { lingerMs: 1, ...limits }, ...options })
  running.push(server)
  return server
}

/** Opens a connection, writes to it, and leaves it. */
const open = ({ address }: RunningServer, bytes = ''): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(address.port, address.host)
    sockets.push(socket)
    socket.on('error', reject)
    socket.once('connect', () => {
      socket.write(bytes)
      resolve(socket)
    })
  })

const closing = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(text))
  })

describe('HTTP-01: what a client may hold on to', () => {
  it('is bounded by default as the table of limits says', () => {
    expect(readLimits({})).toMatchObject({
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 15_000,
      checkIntervalMs: 2000,
      keepAliveTimeoutMs: 5000,
    })
  })

  it('ends a head that takes too long with 408', async () => {
    const server = await start({ headersTimeoutMs: 50, checkIntervalMs: 10 })
    const text = await closing(await open(server, 'GET / HTTP/1.1\r\nX-Slow:'))
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(text).toMatch(/x-frame-options: DENY/i)
  })

  it('ends a body that takes too long with 408', async () => {
    const server = await start({ headersTimeoutMs: 50, requestTimeoutMs: 100, checkIntervalMs: 10 })
    const text = await closing(await open(server, rawRequest('POST /service/token', ['Content-Length: 10'], 'abc')))
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('ends a connection that never says anything', async () => {
    const server = await start({ headersTimeoutMs: 50, checkIntervalMs: 10 })
    expect(await closing(await open(server))).toMatch(/^(HTTP\/1\.1 408 |$)/)
  })

  it('ends a connection that waits too long for its next request', async () => {
    const server = await start({ keepAliveTimeoutMs: 1, idleTimeoutMs: 100 })
    expect(await closing(await open(server, rawRequest('GET /healthz', [KEEP_ALIVE])))).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('ends a connection whose client does not read its answer', async () => {
    const pieces = 64
    const piece = Buffer.alloc(2 ** 20)
    const body = () => new Blob(Array.from({ length: pieces }, () => piece)).stream()
    const big: Route = { method: 'GET', path: '/big', handle: async () => new Response(body()) }
    const server = await start({ idleTimeoutMs: 100 }, {}, [big])
    const socket = await open(server)
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
    })
    socket.pause()
    socket.write(rawRequest('GET /big', [KEEP_ALIVE]))
    await new Promise((resolve) => setTimeout(resolve, 1000))
    socket.resume()
    await closing(socket)
    expect(received).toBeLessThan(pieces * piece.length)
  })

  it('takes so many connections of one source, and of listed proxies as many as there are', async () => {
    const server = await start({ maxConnectionsPerSource: 3 })
    const open3 = await Promise.all([open(server), open(server), open(server)])
    expect((await sendRaw(server.url, rawRequest('GET /healthz'))).text).toBe('')
    open3[0].destroy()
    await expect.poll(async () => (await sendRaw(server.url, rawRequest('GET /healthz'))).status).toBe(200)

    const behindProxy = await start({ maxConnectionsPerSource: 1 }, { trustedProxies: ['127.0.0.0/8'] })
    await Promise.all([open(behindProxy), open(behindProxy)])
    expect((await sendRaw(behindProxy.url, rawRequest('GET /healthz'))).status).toBe(200)
  })

  it('takes so many connections in all', async () => {
    const server = await start({ maxConnections: 2 })
    await Promise.all([open(server), open(server)])
    expect((await sendRaw(server.url, rawRequest('GET /healthz'))).text).toBe('')
  })

  it('takes so many requests on one connection before their answers', async () => {
    const server = await start({ maxPipelined: 4 })
    const flood = rawRequest('GET /healthz', [KEEP_ALIVE]).repeat(200)
    const answer = await sendRaw(server.url, flood)
    expect(answer.isClosed).toBe(true)
    expect((answer.text.match(/HTTP\/1\.1 200/g) ?? []).length).toBeLessThan(200)
    expect((await sendRaw(server.url, rawRequest('GET /healthz'))).status).toBe(200)
  })

  it('answers others as ever while 500 connections are slow', async () => {
    const server = await start()
    await Promise.all(Array.from({ length: 500 }, () => open(server, 'GET / HTTP/1.1\r\nX-Slow:')))
    const ask = () => sendRaw(server.url, rawRequest('GET /healthz'), 5000)
    const answers = await Promise.all(Array.from({ length: 50 }, ask))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200))
  })

  it('ends an endless chunked body after the first 16 KiB, without keeping it', async () => {
    const server = await start()
    const socket = await open(server, rawRequest('POST /service/token', ['Transfer-Encoding: chunked']))
    const answered = closing(socket)
    const chunk = Buffer.from(`10000\r\n${'a'.repeat(0x10000)}\r\n`)
    const before = process.memoryUsage().arrayBuffers
    let sent = 0
    const pump = () => {
      while (!socket.destroyed && sent < 2 ** 30 && socket.write(chunk)) sent += chunk.length
    }
    socket.on('drain', pump)
    pump()
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /)
    expect(sent).toBeLessThan(2 ** 26)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26)
  })

  it.each([
    ['what is too long', '/service/token', 413],
    ['what nobody reads', '/nothing', 404],
    ['what a GET has no use for', '/healthz', 200],
  ])('answers 6 MiB of %s so that a client sees it that sends all before it reads', async (_, path, status) => {
    const server = await start()
    const method = status === 200 ? 'GET' : 'POST'
    const bytes = rawRequest(
      `${method} ${path}`,
      [`Content-Length: ${6 * 2 ** 20}`, KEEP_ALIVE],
      'a'.repeat(6 * 2 ** 20),
    )
    const text = await sendThenRead(server.url, bytes)
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(text).toMatch(/\r\nConnection: close\r\n/i)
  })

  it.each([
    [{ maxConnections: 0 }, 'maxConnections'],
    [{ headersTimeoutMs: 1.5 }, 'headersTimeoutMs'],
    [{ graceMs: Number.POSITIVE_INFINITY }, 'graceMs'],
    [{ headerTimeout: 1 } as Partial<ServeLimits>, 'headerTimeout'],
  ])('refuses the limits %j at start', async (limits, name) => {
    await expect(start(limits)).rejects.toMatchObject({ code: 'ERR_CONFIGURATION', problems: [{ path: name }] })
  })
})
