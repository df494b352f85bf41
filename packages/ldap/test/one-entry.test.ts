import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { LdapAuthenticator, LdapAuthOptions, LdapEvent } from '../src/index.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { call, login, named, outcomeOf, stubAuth } from './logins.ts'
import { BASE, entry, JANE, oneJane, reference, result, type StubDirectory, startStub } from './stub-directory.ts'

describe('the entry that a name stands for', () => {
  let stub: StubDirectory
  let auth: LdapAuthenticator
  afterEach(async () => {
    await auth?.[Symbol.asyncDispose]()
    await stub?.close()
  })

  /** Answers searches in this way, and binds honestly; `others` are passwords that are right, too. */
  async function answering(answer: (id: number) => readonly Buffer[], more: Partial<LdapAuthOptions> = {}) {
    stub = await startStub((request, socket) => {
      if (request.operation !== OPERATION.searchRequest) return oneJane(request, socket)
      for (const part of answer(request.id)) socket.write(part)
    })
    auth = stubAuth(stub.url, more)
  }
  const done = (id: number, code = 0) => result(id, OPERATION.searchDone, code)
  const jane = (id: number, dn = JANE) => entry(id, dn, { uid: ['jane'] })
  const binds = () =>
    stub.requests.filter(({ operation, connection }) => operation === OPERATION.bindRequest && connection > 0)

  it('LDP-07: two entries are refused, with a bind as nobody, and told to the operator', async () => {
    const events: LdapEvent[] = []
    await answering((id) => [jane(id), jane(id, `uid=jane,${BASE}`), done(id)], {
      onEvent: (event) => events.push(event),
    })
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('rejected: ambiguous')
    expect(binds().length).toBe(1)
    expect(binds()[0]?.name).not.toContain('jane')
    expect(binds()[0]?.password).not.toContain('jane-secret')
    expect(events).toMatchObject([{ type: 'insecure' }, { type: 'ambiguous_name', name: 'jane' }])
  })

  it('LDP-07: two entries are two, also when the directory stops there', async () => {
    await answering((id) => [jane(id), jane(id, `uid=jane,${BASE}`), done(id, 4)])
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('rejected: ambiguous')
  })

  it('LDP-07: none is answered with a bind as nobody, then it is not ours', async () => {
    await answering((id) => [done(id)])
    const candidate = await auth.lookUp(named('jane'), call)
    expect(candidate.account).toBeUndefined()
    expect(await outcomeOf(candidate.verify('jane-secret', call))).toBe('abstained')
    expect(binds().length).toBe(1)
    expect(binds()[0]).toMatchObject({ method: 'simple' })
    expect(binds()[0]?.name).toMatch(/^cn=[0-9a-f]{24},dc=example,dc=test$/)
    expect(binds()[0]?.password).not.toBe('jane-secret')
    expect(binds()[0]?.password.length).toBe('jane-secret'.length)
  })

  it('LDP-07: asks for two entries at most, in limited time, with aliases as they are', async () => {
    const seen: Buffer[] = []
    stub = await startStub(oneJane, { onConnection: (socket) => socket.on('data', (chunk) => seen.push(chunk)) })
    auth = stubAuth(stub.url, { timeouts: { operationMs: 2_500 } })
    await auth.lookUp(named('jane'), call)
    // Scope 2, aliases 0 (never), size 2, time 3 seconds, types only: no.
    expect(Buffer.concat(seen).includes(Buffer.from('0a01020a0100020102020103010100', 'hex'))).toBe(true)
  })

  it.each([
    ['without a name, which would bind as nobody in particular', ''],
    ['outside the base', 'uid=jane,ou=people,dc=elsewhere,dc=test'],
    ['with a name that is none', 'jane'],
  ])('LDP-07: an entry %s says nothing', async (_, dn) => {
    await answering((id) => [jane(id, dn), done(id)])
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    expect(binds()).toEqual([])
  })

  it('LDP-07: a reference to another server is no match and is not followed', async () => {
    let visits = 0
    const trap = createServer(() => visits++)
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
    const url = `ldap://127.0.0.1:${(trap.address() as AddressInfo).port}/uid=jane,${BASE}`
    await answering((id) => [reference(id, url), done(id)])
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('abstained')
    await stub.close()
    await answering((id) => [reference(id, url), jane(id), reference(id, url), done(id)])
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('authenticated')
    await stub.close()
    await answering((id) => [done(id, 10)])
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
    expect(visits).toBe(0)
    trap.close()
  })

  it.each([
    ['has two user names', { uid: ['jane', 'jdoe'] }, 'rejected: ambiguous'],
    ['has no user name that we may see', {}, 'rejected: not_allowed'],
    ['has a user name that is not the one searched', { uid: ['jané'] }, 'rejected: not_allowed'],
    ['has bytes for a user name', { uid: [Buffer.from([0xff])] }, 'rejected: not_allowed'],
    ['has two ids', { uid: ['jane'], entryUUID: ['a', 'b'] }, 'rejected: not_allowed'],
    ['has an id of no length', { uid: ['jane'], entryUUID: [''] }, 'rejected: not_allowed'],
    [
      'has an attribute that every object has',
      { uid: ['jane'], ['__proto__']: ['x'], constructor: ['y'] },
      'authenticated',
    ],
    ['spells its user name in capitals', { UID: ['JANE'] }, 'authenticated'],
  ])('LDP-10: that %s is %3$s', async (_, attributes, outcome) => {
    await answering((id) => [entry(id, JANE, attributes), done(id)])
    expect(await outcomeOf(login(auth, 'jane', 'jane-secret'))).toBe(outcome)
    // The same work, whatever is wrong with it; and nobody's password for an entry that cannot be anybody.
    expect(binds().length).toBe(1)
    expect(binds()[0]?.password === 'jane-secret').toBe(outcome === 'authenticated')
  })

  it('LDP-10: gives the user name as the directory spells it', async () => {
    await answering((id) => [entry(id, JANE, { uid: ['Jane'] }), done(id)])
    expect(await login(auth, 'JANE', 'jane-secret')).toMatchObject({ identity: { username: 'Jane' } })
  })
})
