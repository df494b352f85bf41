import { systemClock } from '@lockkeeper/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../src/adapters/node.ts'
import type { RequestLogEntry } from '../../src/index.ts'
import { basic, buildHouse, PASSWORD } from '../house.ts'
import { sendRaw } from './raw-socket.ts'

const house = buildHouse({ clock: systemClock, freezeMs: 0 })
const log: RequestLogEntry[] = []
let server: RunningServer

beforeAll(async () => {
  const options = { listen: '127.0.0.1:0', log: (entry: RequestLogEntry) => log.push(entry), limits: { lingerMs: 1 } }
  server = await serve(house.handler, options)
})
afterAll(() => server.stop())

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
/** Mostly what the server expects, so that the fuzz gets past its first line. */
const often = (expected: readonly string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...expected) }, { weight: 1, arbitrary: bytes })

const method = often(['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT'])
const parameter = fc
  .tuple(often(['service', 'scope', 'account', 'grant_type', 'username', 'password', '__proto__', 'a[b]']), bytes)
  .map((pair) => pair.join('='))
const parameters = fc.array(parameter, { maxLength: 6 }).map((all) => all.join('&'))
const path = often(['/service/token', '/v2/', '/v2/a/b', '/healthz', '/readyz', '/.well-known/jwks.json', '/', '*'])
const target = fc.tuple(path, fc.option(parameters)).map(([at, query]) => (query === null ? at : `${at}?${query}`))
const header = fc
  .tuple(
    often([
      'Host',
      'Authorization',
      'Cookie',
      'Content-Length',
      'Transfer-Encoding',
      'Content-Type',
      'Connection',
      'Expect',
    ]),
    often(['auth.test', basic('jane', PASSWORD), 'Bearer a.b.c', '5', '0', 'chunked', 'gzip', 'close', 'keep-alive']),
    fc.constantFrom(': ', ':', ' :', ''),
  )
  .map(([name, value, colon]) => name + colon + value)
const lineEnd = fc.oneof(
  { weight: 30, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '') },
)
const request = fc
  .tuple(
    method,
    target,
    fc.array(header, { maxLength: 6 }),
    fc.oneof(parameters, bytes),
    fc.array(lineEnd, { minLength: 9, maxLength: 9 }),
  )
  .map(([verb, address, headers, body, ends]) => {
    const lines = [`${verb} ${address} HTTP/1.1`, 'Host: auth.test', ...headers, '']
    return lines.map((line, at) => line + (ends[at] ?? '\r\n')).join('') + body
  })

describe('JSX-04: whatever is sent', () => {
  // An unhandled rejection or exception anywhere fails the run by itself.
  it('is answered or cut off, is never a bug, and leaves the server alive', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(request, bytes), { minLength: 1, maxLength: 30 }), async (requests) => {
        const answers = await Promise.all(requests.map((text) => sendRaw(server.url, text, 40)))
        for (const { text, status } of answers) {
          expect(status === 500).toBe(false)
          if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 \d{3} /)
        }
        expect([...log, ...house.log].filter(({ level }) => level === 'error')).toEqual([])
        expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      }),
      { numRuns: 60 },
    )
  })

  it('clients that leave in the middle leave nothing behind', async () => {
    const head = `POST /service/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n`
    const partial = [
      `${head}Content-Length: 100\r\n\r\ngrant_type=pass`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nabc`,
      `${head}Content-Le`,
      `GET /service/token HTTP/1.1\r\nHost: a\r\nAuthorization: ${basic('jane', PASSWORD)}\r\n\r\n`,
    ]
    await Promise.all(Array.from({ length: 40 }, (_, n) => sendRaw(server.url, partial[n % 4] ?? '', 5)))
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(house.log.filter(({ level }) => level === 'error')).toEqual([])
  })
})
