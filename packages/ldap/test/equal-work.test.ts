import { authenticatorContract, password } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LdapAuthenticator } from '../src/index.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { login, outcomeOf, stubAuth } from './logins.ts'
import { BASE, entry, JANE, oneJane, READER, result, type StubDirectory, startStub } from './stub-directory.ts'

const LOCKED = `uid=locked,ou=people,${BASE}`
const DOUBLE = [`uid=double,ou=people,${BASE}`, `uid=double,${BASE}`]

describe('the work of a login', () => {
  let stub: StubDirectory
  let auth: LdapAuthenticator
  beforeAll(async () => {
    stub = await startStub((request, socket) => {
      const { id, operation, name, filter } = request
      const wanted = filter.toString('latin1')
      if (operation === OPERATION.bindRequest && name === LOCKED) {
        socket.write(result(id, OPERATION.bindResponse, 49, 'data 775'))
      } else if (wanted.endsWith('locked')) {
        socket.write(entry(id, LOCKED, { uid: ['locked'] }))
        socket.write(result(id, OPERATION.searchDone, 0))
      } else if (wanted.endsWith('double')) {
        for (const dn of DOUBLE) socket.write(entry(id, dn, { uid: ['double'] }))
        socket.write(result(id, OPERATION.searchDone, 4))
      } else oneJane(request, socket)
    })
    auth = stubAuth(stub.url)
  })
  afterAll(async () => {
    await auth[Symbol.asyncDispose]()
    await stub.close()
  })

  /** What the directory saw of a login: operations in order, and how many connections. */
  async function workOf(username: string, secret: string) {
    const [requests, connections] = [stub.requests.length, stub.clear.length]
    const outcome = await outcomeOf(login(auth, username, secret))
    const seen = stub.requests.slice(requests).filter(({ operation }) => operation !== OPERATION.unbindRequest)
    return {
      outcome,
      operations: seen.map(({ operation }) => operation.toString(16)).join(' '),
      passwordBytes: seen.filter(({ name }) => name !== '').map((bind) => bind.password.length),
      connections: stub.clear.length - connections,
    }
  }

  it('LOG-01, LOG-02: is the same for somebody and nobody, and for whoever cannot log in', async () => {
    await login(auth, 'jane', 'jane-secret')
    const work = {
      right: await workOf('jane', 'jane-secret'),
      wrong: await workOf('jane', 'wrong-secret'),
      nobody: await workOf('nobody', 'wrong-secret'),
      locked: await workOf('locked', 'wrong-secret'),
      double: await workOf('double', 'wrong-secret'),
    }
    expect(Object.values(work).map(({ outcome }) => outcome)).toEqual([
      'authenticated',
      'rejected: bad_credentials',
      'abstained',
      'rejected: locked',
      'rejected: ambiguous',
    ])
    for (const [who, { operations, connections }] of Object.entries(work)) {
      expect({ who, operations, connections }).toEqual({ who, operations: '63 60', connections: 1 })
    }
    for (const { passwordBytes } of [work.wrong, work.nobody, work.locked, work.double])
      expect(passwordBytes).toEqual([12])
  })

  it('LOG-02: grows with no password', async () => {
    for (const length of [1, 8, 512, 1024]) {
      const secret = 'é'.repeat(length / 2) || 'e'
      expect((await workOf('nobody', secret)).operations).toBe('63 60')
      expect((await workOf('jane', secret)).operations).toBe('63 60')
    }
  })

  it('LDP-05: binds a person on a connection of its own, once', async () => {
    const from = stub.requests.length
    await Promise.all(Array.from({ length: 10 }, () => login(auth, 'jane', 'jane-secret')))
    // What is left open is at most what searches share.
    await expect.poll(() => stub.open).toBeLessThanOrEqual(8)
    const binds = stub.requests.slice(from).filter(({ name }) => name === JANE)
    expect(binds.length).toBe(10)
    expect(new Set(binds.map(({ connection }) => connection)).size).toBe(10)
    for (const { connection } of binds) {
      const others = stub.requests.filter((request) => request.connection === connection && request.name !== JANE)
      expect(others.map(({ operation }) => operation)).toEqual([OPERATION.unbindRequest])
    }
  })

  authenticatorContract(
    { describe, it },
    {
      make: () => auth,
      accepted: password('jane', 'jane-secret'),
      rejected: [password('jane', 'wrong'), password('locked', 'x'), password('double', 'x')],
      unknown: [password('nobody', 'x'), password('j*', 'jane-secret')],
      verifications: () =>
        stub.requests.filter(({ operation, name }) => operation === OPERATION.bindRequest && name !== READER.bindDn)
          .length,
    },
  )
})
