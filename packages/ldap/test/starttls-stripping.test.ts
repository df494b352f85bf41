import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Certificates } from '../../../test/servers/certificates.ts'
import { requires } from '../../../test/servers/requirements.ts'
import type { LdapAuthenticator, LdapAuthOptions } from '../src/index.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { START_TLS_REQUEST } from '../src/wire/start-tls.ts'
import { login, outcomeOf, stubAuth } from './logins.ts'
import {
  certificates,
  JANE,
  oneJane,
  READER,
  result,
  type StubDirectory,
  type StubHandler,
  type StubOptions,
  startStub,
} from './stub-directory.ts'

const SECRETS = ['jane-secret', READER.bindPassword]
const agreed = (id: number) => result(id, OPERATION.extendedResponse, 0)
const bound = (id: number) => result(id, OPERATION.bindResponse, 0)

const need = requires('openssl')
describe.skipIf(need.skip)(`StartTLS${need.note}`, () => {
  let tls: Certificates
  let stub: StubDirectory
  let auth: LdapAuthenticator
  beforeAll(async () => {
    tls = await certificates()
  })
  afterEach(async () => {
    await auth[Symbol.asyncDispose]()
    await stub.close()
  })

  async function start(handler: StubHandler, options: StubOptions = {}, more: Partial<LdapAuthOptions> = {}) {
    stub = await startStub(handler, { tls, ...options })
    const timeouts = { connectMs: 300, operationMs: 300, loginMs: 1_000 }
    auth = stubAuth(stub.url, { startTls: true, tls: { ca: readFileSync(tls.ca, 'utf8') }, timeouts, ...more })
  }

  /** No password in clear, on any connection, whole or in part. */
  const expectNoSecretInClear = () => {
    for (const bytes of stub.clear) {
      for (const secret of SECRETS) expect(bytes.includes(secret)).toBe(false)
      const afterRequest = bytes.subarray(START_TLS_REQUEST.length)
      expect(bytes.subarray(0, START_TLS_REQUEST.length).equals(START_TLS_REQUEST)).toBe(true)
      // 0x16 0x03: a TLS handshake record, and nothing before it.
      if (afterRequest.length > 0) expect(afterRequest.subarray(0, 2).toString('hex')).toBe('1603')
    }
  }

  it('LDP-04: logs in, with the request alone in clear', async () => {
    await start(oneJane)
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('authenticated')
    expect(await outcomeOf(login(auth, 'jane', 'wrong'))).toBe('rejected: bad_credentials')
    expect(stub.clear.length).toBe(3)
    expectNoSecretInClear()
  })

  const forged: readonly (readonly [what: string, onStartTls: (id: number, socket: Socket) => void])[] = [
    [
      'a forged "bind succeeded" right after the answer',
      (id, socket) => socket.write(Buffer.concat([agreed(id), bound(2)])),
    ],
    [
      'a forged answer to every number after it',
      (id, socket) => socket.write(Buffer.concat([agreed(id), ...[1, 2, 3, 4].map(bound)])),
    ],
    ['one byte after it', (id, socket) => socket.write(Buffer.concat([agreed(id), Buffer.from([0x30])]))],
    ['half a message after it', (id, socket) => socket.write(Buffer.concat([agreed(id), bound(2).subarray(0, 5)]))],
    [
      'a forged bind success that comes a moment later',
      (id, socket) => socket.write(agreed(id), () => socket.write(bound(2))),
    ],
    ['a bind success instead of it', (id, socket) => socket.write(bound(id))],
    ['an answer to another request', (id, socket) => socket.write(agreed(id + 1))],
    ['a refusal', (id, socket) => socket.write(result(id, OPERATION.extendedResponse, 2, 'unsupported'))],
    [
      'a refusal and a forged bind success',
      (id, socket) => socket.write(Buffer.concat([result(id, OPERATION.extendedResponse, 52), bound(2)])),
    ],
    ['an answer of endless length', (_, socket) => socket.write(Buffer.from([0x30, 0x84, 0x40, 0, 0, 0]))],
    ['no LDAP at all', (_, socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['nothing', () => {}],
    ['an end', (_, socket) => socket.end()],
    ['a reset', (_, socket) => socket.resetAndDestroy()],
    ['agreement and then nothing', (id, socket) => socket.write(agreed(id))],
    ['agreement and then an end', (id, socket) => socket.end(agreed(id))],
    ['agreement and then no TLS', (id, socket) => socket.write(agreed(id), () => socket.write('no TLS here'))],
  ]

  it.each(forged)('LDP-04: sends no password when the answer is %s', async (_, onStartTls) => {
    await start(oneJane, { onStartTls })
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    expect(stub.requests.filter(({ operation }) => operation !== OPERATION.extendedRequest)).toEqual([])
    expectNoSecretInClear()
  })

  it.each([
    ['a forged success of the search account', bound(2)],
    [
      'a forged success that an honest refusal would complete',
      Buffer.from('301a0201036115' + '0a01000400' + '040e', 'hex'),
    ],
    ['one byte', Buffer.from([0])],
  ])('LDP-04: ends when %s came before an honest handshake', async (_, injected) => {
    await start(oneJane, { injected })
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    expect(stub.clear).toEqual([START_TLS_REQUEST])
  })

  it('LDP-05: after a session was cut, no later login goes in clear', async () => {
    await start((request, socket) => {
      // Cuts whatever comes after the search account has bound.
      if (request.operation === OPERATION.bindRequest && request.name === READER.bindDn) oneJane(request, socket)
      else socket.destroy()
    })
    for (let retry = 0; retry < 3; retry++) {
      expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    }
    expectNoSecretInClear()
  })

  it('LDP-05: after the connection of a password was cut, nothing is sent again', async () => {
    await start((request, socket) => {
      if (request.name === JANE) socket.destroy()
      else oneJane(request, socket)
    })
    for (let retry = 0; retry < 3; retry++) {
      expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    }
    expect(stub.requests.filter(({ name }) => name === JANE).length).toBe(3)
    expectNoSecretInClear()
  })
})
