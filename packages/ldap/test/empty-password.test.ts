import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LdapAuthenticator } from '../src/index.ts'
import { Connection } from '../src/wire/connection.ts'
import { call, named, outcomeOf, stubAuth } from './logins.ts'
import { BASE, JANE, oneJane, type StubDirectory, startStub } from './stub-directory.ts'

describe('a password that must not reach a directory', () => {
  let stub: StubDirectory
  let auth: LdapAuthenticator
  beforeEach(async () => {
    stub = await startStub(oneJane)
    auth = stubAuth(stub.url)
  })
  afterEach(async () => {
    await auth[Symbol.asyncDispose]()
    await stub.close()
  })

  it.each([
    ['is empty', ''],
    ['is NUL', '\0'],
    ['has NUL in it', 'jane\0secret'],
    ['is longer than any', 'x'.repeat(1025)],
    ['is half a character', '\ud800'],
  ])('LDP-01: is refused before any byte is sent when it %s', async (_, password) => {
    const [known, unknown] = [await auth.lookUp(named('jane'), call), await auth.lookUp(named('nobody'), call)]
    const before = stub.requests.length
    expect(await outcomeOf(known.verify(password, call))).toBe('rejected: malformed')
    expect(await outcomeOf(unknown.verify(password, call))).toBe('abstained')
    expect(stub.requests.length).toBe(before)
    expect(stub.clear.length).toBe(1)
  })

  it('LDP-01: is refused without a connection where people are bound directly', async () => {
    const direct = stubAuth(stub.url, {
      bindDn: undefined,
      bindPassword: undefined,
      userDnTemplate: `uid={username},${BASE}`,
    })
    const candidate = await direct.lookUp(named('jane'), call)
    expect(await outcomeOf(candidate.verify('', call))).toBe('rejected: malformed')
    expect(stub.clear.length).toBe(0)
    await direct[Symbol.asyncDispose]()
  })

  it('LDP-01: is refused by the connection itself, should anybody ask', async () => {
    const [near, far] = duplexPair()
    const connection = new Connection(near as Socket)
    const limits = { timeoutMs: 100, signal: call.signal, whenLate: 'timeout' } as const
    await expect(connection.bind(JANE, '', limits)).rejects.toThrow(TypeError)
    expect(far.read()).toBeNull()
    connection.close()
  })
})
