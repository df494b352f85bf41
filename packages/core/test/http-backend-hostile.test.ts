import type { Socket } from 'node:net'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { call, failure, httpServer, plainBackend, tcpServer, until } from './http-backend-house.ts'

const CANARY = 'canary-7d1f'
const SECRETS = { headers: { authorization: `Basic ${CANARY}` }, body: `password=${CANARY}` }

/** Answers a request with raw bytes, and leaves the rest to the caller. */
const saying = (text: string, then: (socket: Socket) => void = (socket) => socket.end()) =>
  tcpServer((socket) => {
    socket.once('data', () => {
      socket.write(text)
      then(socket)
    })
  })
const stayOpen = (_socket: Socket) => {}

describe('a backend that does not answer', () => {
  it.each([
    ['accepts and says nothing', '', stayOpen],
    ['stops after its status line', 'HTTP/1.1 200 OK\r\n', stayOpen],
    ['stops in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', stayOpen],
    ['never ends a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n', stayOpen],
    ['says again and again that it will go on', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50), stayOpen],
  ])('and %s is given up when the budget ends, and disconnected', async (_how, words, then) => {
    const clock = fakeClock()
    let spoke = false
    const server = await saying(words, (socket) => {
      spoke = true
      then(socket)
    })
    const error = failure(plainBackend(server.port, { clock, timeoutMs: 3000 }).send(SECRETS, call))
    await until(() => spoke)
    await clock.advance(2999)
    expect(server.openConnections).toBe(1)
    await clock.advance(1)
    expect(await error).toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      message: `uaa_auth: 127.0.0.1:${server.port} did not answer within 3000 ms`,
      cause: { code: 'ABORT_ERR' },
    })
    expect(clock.pendingSleeps).toBe(0)
    await until(() => server.openConnections === 0)
  })

  it('and drips a byte at a time does not get more time for each', async () => {
    const clock = fakeClock()
    let drips = 0
    const server = await saying('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n', (socket) => {
      const drip = () => {
        if (socket.destroyed) return
        drips += 1
        socket.write('x', () => setImmediate(drip))
      }
      drip()
    })
    const error = failure(plainBackend(server.port, { clock, timeoutMs: 3000 }).send({}, call))
    await until(() => drips > 20)
    await clock.advance(3000)
    expect((await error).message).toContain('did not answer within 3000 ms')
    await until(() => server.openConnections === 0)
  })

  it('is left at once when the caller gives up', async () => {
    const server = await tcpServer((socket) => socket.resume())
    const gone = new AbortController()
    const error = failure(plainBackend(server.port).send({}, gone))
    await until(() => server.openConnections === 1)
    gone.abort()
    expect((await error).message).toContain('before the caller gave up')
    await until(() => server.openConnections === 0)
  })

  it('is not even asked when the caller gave up before', async () => {
    const server = await tcpServer(() => {})
    await failure(plainBackend(server.port).send({}, { signal: AbortSignal.abort() }))
    expect(server.connections).toBe(0)
  })

  it('and refuses connections is named, with what to check', async () => {
    const error = await failure(plainBackend(1).send(SECRETS, call))
    expect(error).toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    expect(error.message).toContain('check that it runs')
  })
})

describe('a backend that sends too much', () => {
  it('OPS-05: is read to the limit and no further', async () => {
    const exact = await httpServer((_request, response) => response.end('x'.repeat(1000)))
    expect((await plainBackend(exact.port, { maxResponseBytes: 1000 }).send({}, call)).text()).toHaveLength(1000)
    const error = await failure(plainBackend(exact.port, { maxResponseBytes: 999 }).send({}, call))
    expect(error.message).toContain('more than 999 bytes')
  })

  it('in a body without end is cut off and disconnected', async () => {
    let sent = 0
    const server = await httpServer((_request, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384
      }
      response.on('drain', pour)
      pour()
    })
    const error = await failure(plainBackend(server.port).send({}, call))
    expect(error.message).toContain('more than 65536 bytes')
    await until(() => server.openConnections === 0)
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  it('is disconnected on its word alone', async () => {
    const server = await saying('HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n', stayOpen)
    const error = await failure(plainBackend(server.port).send({}, call))
    expect(error.message).toContain('more than 65536 bytes')
    await until(() => server.openConnections === 0)
  })

  it('in its header is disconnected', async () => {
    const server = await saying(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`, stayOpen)
    expect((await failure(plainBackend(server.port).send({}, call))).message).toContain('not HTTP')
    await until(() => server.openConnections === 0)
  })

  it('in a compressed body is refused unread, since identity was asked for', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const server = await httpServer((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    expect((await failure(plainBackend(server.port).send({}, call))).message).toContain('content encoding')
    await until(() => server.openConnections === 0)
  })
})

describe('a backend that answers nonsense', () => {
  it.each([
    ['something that is not HTTP', `SSH-2.0-${CANARY}\r\n`, 'not HTTP'],
    ['a broken header', `HTTP/1.1 200 OK\r\nx-${CANARY}\x01: 1\r\n\r\n`, 'not HTTP'],
    ['two lengths', `HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n${CANARY}`, 'not HTTP'],
    ['a broken chunk', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n${CANARY}`, 'not HTTP'],
    [
      'less than it promised',
      `HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${CANARY}`,
      'before its answer was complete',
    ],
    [
      'half a chunk',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n${CANARY}`,
      'before its answer was complete',
    ],
    ['nothing', '', 'before its answer was complete'],
    [
      'another protocol',
      `HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: ${CANARY}\r\n\r\n`,
      'without an answer',
    ],
  ])('OBS-01: %s cannot be told, and nothing it said is in the error', async (_what, words, message) => {
    const server = await saying(words)
    const error = await failure(plainBackend(server.port).send(SECRETS, call))
    expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', message: expect.stringContaining(message) })
    expect(error.cause).toBeInstanceOf(Error)
    expect(printed(error)).not.toContain(CANARY)
    await until(() => server.openConnections === 0)
  })

  it.each([
    ['text', 'not json {"a', 'JSON'],
    ['half of it', '{"token":"canary-7d1f', 'JSON'],
    ['a reserved name', '{"a":{"__proto__":{"isAdmin":true}}}', 'JSON'],
    ['a reserved name, escaped', '{"\\u005f_proto__":{"isAdmin":true}}', 'JSON'],
    ['a constructor', '{"constructor":{"prototype":{}}}', 'JSON'],
    ['arrays without end', '['.repeat(60_000), 'JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'UTF-8'],
  ])('JSX-01: %s is no JSON, and the error does not quote it', async (_what, body, message) => {
    const server = await httpServer((_request, response) => response.end(body))
    const answer = await plainBackend(server.port).send({}, call)
    expect(() => answer.json()).toThrow(
      expect.objectContaining({ code: 'ERR_BACKEND_UNAVAILABLE', message: expect.stringContaining(message) }),
    )
    expect(printed(await failure(Promise.resolve().then(() => answer.json())))).not.toContain(CANARY)
  })
})

it('a password check is never sent twice, whatever breaks', async () => {
  let requests = 0
  const server = await tcpServer((socket) => {
    socket.on('data', (bytes) => {
      requests += bytes.toString('latin1').split('POST /').length - 1
      // The first answer is good and keeps the connection; the second request finds it broken.
      if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      else socket.destroy()
    })
  })
  const backend = plainBackend(server.port)
  await backend.send({ method: 'POST', ...SECRETS }, call)
  const error = await failure(backend.send({ method: 'POST', ...SECRETS }, call))
  expect(error.message).toContain('closed the connection')
  expect([requests, server.connections]).toEqual([2, 1])
})

it('a failed call leaves neither socket nor timer behind', async () => {
  const count = () => process.getActiveResourcesInfo().filter((name) => /^(TCPSocketWrap|Timeout)$/.test(name)).length
  const silent = await tcpServer((socket) => socket.resume())
  const rude = await tcpServer((socket) => socket.destroy())
  const before = count()
  for (let time = 0; time < 20; time++) {
    await failure(plainBackend(rude.port).send({}, call))
    await failure(plainBackend(silent.port, { timeoutMs: 1 }).send({}, call))
  }
  await until(() => silent.openConnections === 0 && rude.openConnections === 0)
  expect(count()).toBeLessThanOrEqual(before)
})

/** Everything a log could show of an error. */
function printed(error: Error): string {
  const text = inspect(error, { depth: 9, showHidden: true, maxArrayLength: null })
  // Bytes are printed as <Buffer 63 61 …>.
  const bytes = [...text.matchAll(/<Buffer ([0-9a-f ]*)/g)].map(([, hex = '']) =>
    Buffer.from(hex.replaceAll(' ', ''), 'hex'),
  )
  return text + Buffer.concat(bytes).toString('latin1')
}
