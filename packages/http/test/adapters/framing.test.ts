import { once } from 'node:events'
import { connect } from 'node:net'
import { systemClock } from '@lockkeeper/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../src/adapters/node.ts'
import type { RequestLogEntry } from '../../src/index.ts'
import { buildHouse } from '../house.ts'
import { KEEP_ALIVE, rawRequest, sendRaw } from './raw-socket.ts'

const log: RequestLogEntry[] = []
let server: RunningServer

beforeAll(async () => {
  const { handler } = buildHouse({ clock: systemClock, freezeMs: 0 })
  server = await serve(handler, { listen: '127.0.0.1:0', log: (entry) => log.push(entry), limits: { lingerMs: 1 } })
})
afterAll(() => server.stop())

const get = (headers: readonly string[]) => rawRequest('GET /healthz', [KEEP_ALIVE, ...headers])
const post = (headers: readonly string[], body: string) =>
  rawRequest('POST /service/token', [KEEP_ALIVE, ...headers], body)

/** A body that goes on and on, a piece each millisecond. */
const endless = () =>
  new ReadableStream({
    async pull(controller) {
      controller.enqueue(Buffer.from('a'))
      await new Promise((resolve) => setTimeout(resolve, 1))
    },
  })

/** What could be read in two ways. Each is followed by a request that must not be answered. */
const MALFORMED: Readonly<Record<string, string>> = {
  'both length fields': post(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  'both length fields, the other way round': post(['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n'),
  'two equal lengths': post(['Content-Length: 3', 'Content-Length: 3'], 'abc'),
  'a list of lengths': post(['Content-Length: 3, 3'], 'abc'),
  'a length with a sign': post(['Content-Length: +3'], 'abc'),
  'a length in hexadecimal': post(['Content-Length: 0x3'], 'abc'),
  'a chunk size that is none': post(['Transfer-Encoding: chunked'], 'zz\r\nabc\r\n0\r\n\r\n'),
  'a chunk that ends with a bare LF': post(['Transfer-Encoding: chunked'], '3\nabc\n0\n\n'),
  'a bare LF in a chunk extension': post(['Transfer-Encoding: chunked'], '3;a\nb\r\nabc\r\n0\r\n\r\n'),
  'two codings': post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
  'a coding before chunked': post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'),
  'a coding that is not chunked': post(['Transfer-Encoding: identity'], 'abc'),
  'a coding that looks like chunked': post(['Transfer-Encoding: xchunked'], '0\r\n\r\n'),
  'a coding in HTTP/1.0': post(['Transfer-Encoding: chunked'], '0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0'),
  'a folded header': get(['Authorization: Basic', ' YTpi']),
  'a header folded by a tab': get(['X-A: b', '\tc']),
  'a blank before the first header': rawRequest('GET /healthz').replace('\r\nHost', '\r\n Host'),
  'a blank before the colon': get(['Authorization : Basic YTpi']),
  'a header without a name': get([': a']),
  'a bare LF after the request line': get([]).replace('\r\n', '\n'),
  'a bare LF after a header': get(['X-A: b']).replace('b\r\n', 'b\n'),
  'a bare LF at the end of the head': get([]).replace(/\r\n\r\n$/, '\n\n'),
  'a bare CR in a header': get(['X-A: b\rX-B: c']),
  'a NUL in a header': get(['X-A: b\0c']),
  'a control character in a header': get(['X-A: b\x01c']),
  'an absolute-form target': rawRequest('GET http://auth.test/healthz', [KEEP_ALIVE]),
  'an asterisk for a target': rawRequest('OPTIONS *', [KEEP_ALIVE]),
  'a target without a slash': rawRequest('GET healthz', [KEEP_ALIVE]),
  'a blank in the target': rawRequest('GET /healthz x', [KEEP_ALIVE]),
  'a byte beyond ASCII in the target': rawRequest('GET /healthz\xff', [KEEP_ALIVE]),
  'no Host': get([]).replace('Host: auth.test\r\n', ''),
  'two Hosts': get(['Host: auth.test']),
  'a Host with a path': get([]).replace('auth.test', 'auth.test/x'),
  'a Host with a user': get([]).replace('auth.test', 'user@auth.test'),
  'a Host with a bad port': get([]).replace('auth.test', 'auth.test:99999'),
  'an unknown method': get([]).replace('GET', 'GOT'),
  'a method in lower case': get([]).replace('GET', 'get'),
  'HTTP/0.9': 'GET /healthz\r\n\r\n',
  'HTTP/2 spoken at once': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
}

describe('HTTP-02: one framing', () => {
  it.each(Object.entries(MALFORMED))('refuses %s with 400, and closes', async (_, bytes) => {
    const answer = await sendRaw(server.url, bytes + rawRequest('GET /readyz'), 500)
    expect(answer.status).toBe(400)
    expect(answer.isClosed).toBe(true)
    expect(answer.text).toMatch(/\r\nConnection: close\r\n/i)
    expect(answer.text).not.toContain('"ready"')
  })

  it('HTTP-04: puts the security headers on these answers too, and one id into answer and log', async () => {
    for (const bytes of [MALFORMED['a folded header'], MALFORMED['an absolute-form target']]) {
      log.length = 0
      const { text } = await sendRaw(server.url, bytes ?? '', 500)
      expect(text).toMatch(/\r\nx-content-type-options: nosniff\r\n/i)
      expect(text).toMatch(/\r\ncache-control: no-store\r\n/i)
      expect(text).toMatch(/"errors":\[\{"code":"UNSUPPORTED"/)
      const [, requestId] = /\r\nx-request-id: ([0-9a-f-]+)\r\n/i.exec(text) ?? []
      expect(log).toEqual([expect.objectContaining({ level: 'info', status: 400, requestId })])
    }
  })

  it('cuts off an answer that is on its way rather than writing into it', async () => {
    const routes = [{ method: 'GET', path: '/endless', handle: async () => new Response(endless()) }]
    const { handler } = buildHouse({ routes })
    const streaming = await serve(handler, { listen: '127.0.0.1:0', limits: { lingerMs: 1 } })
    const socket = connect(streaming.address.port, streaming.address.host)
    let text = ''
    socket.setEncoding('latin1').on('error', () => {})
    socket.once('data', () => socket.write('no HTTP\r\n\r\n'))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.write(rawRequest('GET /endless', [KEEP_ALIVE]))
    await once(socket, 'close')
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
    await streaming.stop()
  })

  it('still serves HTTP/1.0, with or without a Host', async () => {
    expect((await sendRaw(server.url, 'GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200)
    expect((await sendRaw(server.url, 'GET /healthz HTTP/1.0\r\nHost: auth.test\r\n\r\n')).status).toBe(200)
  })

  it('reads chunks, empty trailers and pipelined requests as they are meant', async () => {
    const chunked = post(['Transfer-Encoding: Chunked'], '3\r\na=b\r\n0\r\n\r\n')
    const answer = await sendRaw(server.url, chunked + rawRequest('GET /healthz'))
    expect(answer.text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200'])
  })

  it('HTTP-03: refuses CONNECT, and expectations other than 100-continue', async () => {
    const connect = await sendRaw(server.url, 'CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\n\r\n', 500)
    expect([connect.status, connect.isClosed]).toEqual([405, true])
    const expecting = await sendRaw(server.url, post(['Expect: miracles', 'Content-Length: 0'], ''), 500)
    expect([expecting.status, expecting.isClosed]).toEqual([417, true])
    expect(expecting.text).toMatch(/x-frame-options: DENY/i)
    const upgrade = await sendRaw(
      server.url,
      rawRequest('GET /healthz', ['Connection: Upgrade, close', 'Upgrade: h2c']),
    )
    expect(upgrade.status).toBe(200)
  })

  it('HTTP-01: answers 431 to 65 header fields, never dropping the ones beyond, and to more than 32 KiB of them', async () => {
    const fields = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}: a`)
    // Host and Connection are the other two.
    expect((await sendRaw(server.url, rawRequest('GET /healthz', fields(62)))).status).toBe(200)
    expect((await sendRaw(server.url, rawRequest('GET /healthz', fields(63)))).status).toBe(431)
    expect((await sendRaw(server.url, rawRequest('GET /healthz', fields(500)))).status).toBe(431)
    const long = await sendRaw(server.url, rawRequest('GET /healthz', [`X-Long: ${'a'.repeat(33_000)}`]), 500)
    expect([long.status, long.isClosed]).toEqual([431, true])
    expect(long.text).toMatch(/x-frame-options: DENY/i)
  })
})
