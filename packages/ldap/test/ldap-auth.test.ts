import { setTimeout as delay } from 'node:timers/promises'
import { authenticatorContract, password } from '@lockkeeper/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../../test/servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../../../test/servers/slapd.ts'
import type { LdapAuthenticator, LdapAuthOptions } from '../src/index.ts'
import { call, login, named, outcomeOf } from './logins.ts'
import { JANE, PEOPLE, slapdAuth } from './people.ts'

const need = requires('slapd', 'openssl')
describe.skipIf(need.skip)(`people of an OpenLDAP${need.note}`, () => {
  let server: SlapdServer
  let auth: LdapAuthenticator
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE, lockAfterFailures: 3 })
  })
  afterAll(() => server?.stop())
  afterEach(() => auth?.[Symbol.asyncDispose]())
  const open = (more: Partial<LdapAuthOptions> = {}): LdapAuthenticator => {
    auth = slapdAuth(server, more)
    return auth
  }

  const WAYS: readonly (readonly [string, () => Partial<LdapAuthOptions>])[] = [
    ['ldaps', () => ({})],
    ['StartTLS', () => ({ url: server.url, startTls: true })],
    ['a connection in clear', () => ({ url: server.url, insecureAllowPlaintext: true })],
  ]
  it.each(WAYS)('log in over %s, and not with another password', async (_, options) => {
    open(options())
    const { identity } = (await login(auth, 'jane', 'jane-secret')) as { identity: { subject: string } }
    expect(identity).toEqual({
      mode: 'ldap_auth',
      issuer: 'ldap_auth',
      subject: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-/),
      username: 'jane',
      email: 'jane@example.test',
      displayName: 'Jane Doe',
      groups: [
        { key: 'cn=team,ou=groups,dc=example,dc=test', name: 'team' },
        { key: 'cn=smith\\, jane+ou=x,ou=groups,dc=example,dc=test', name: 'Smith, Jane' },
      ],
    })
    expect((await auth.lookUp(named('JANE'), call)).account).toBe(identity.subject)
    expect(await outcomeOf(login(auth, 'jane', 'joan-secret'))).toBe('rejected: bad_credentials')
    expect(await outcomeOf(login(auth, 'nobody', 'jane-secret'))).toBe('abstained')
  })

  it('keep their id when they are renamed', async () => {
    open()
    const before = await auth.lookUp(named('joan'), call)
    await server.add(
      'dn: uid=joan,ou=people,dc=example,dc=test\nchangetype: modrdn\nnewrdn: uid=joanna\ndeleteoldrdn: 1\n',
    )
    expect((await auth.lookUp(named('joanna'), call)).account).toBe(before.account)
    expect((await auth.lookUp(named('joan'), call)).account).toBeUndefined()
    expect(await login(auth, 'joanna', 'joan-secret')).toMatchObject({
      identity: { username: 'joanna', subject: before.account },
    })
  })

  it('have names beyond ASCII', async () => {
    expect(await login(open(), 'cäsar', 'Cäsar-secret')).toMatchObject({ identity: { username: 'Cäsar' } })
  })

  it('LDP-07: are nobody when two entries have the name', async () => {
    expect(await outcomeOf(login(open(), 'twice', 'twice-secret'))).toBe('rejected: ambiguous')
    expect(
      await outcomeOf(login(slapdAuth(server, { baseDn: `ou=other,${server.baseDn}` }), 'twice', 'twice-secret')),
    ).toBe('authenticated')
  })

  it('LDP-10: are nobody when an entry has two names', async () => {
    expect(await outcomeOf(login(open(), 'several', 'several-secret'))).toBe('rejected: ambiguous')
    expect(await outcomeOf(login(auth, 'more', 'several-secret'))).toBe('rejected: ambiguous')
  })

  it('are told apart from those whom the directory locked, for the operator', async () => {
    open()
    for (let guess = 0; guess < 3; guess++) {
      expect(await outcomeOf(login(auth, 'locked', 'wrong'))).toBe('rejected: bad_credentials')
    }
    expect(await outcomeOf(login(auth, 'locked', 'locked-secret'))).toBe('rejected: locked')
  })

  it('are those whom the filter and the scope let in', async () => {
    expect(await outcomeOf(login(open({ filter: '(mail=*)' }), 'jane', 'jane-secret'))).toBe('authenticated')
    expect(await outcomeOf(login(auth, 'joanna', 'joan-secret'))).toBe('abstained')
    await auth[Symbol.asyncDispose]()
    expect(await outcomeOf(login(open({ scope: 'one' }), 'jane', 'jane-secret'))).toBe('abstained')
  })

  it('are found by another attribute, when it is named', async () => {
    open({ usernameAttribute: 'mail', attributes: { id: 'entryDN', displayName: 'sn' } })
    expect(await login(auth, 'jane@example.test', 'jane-secret')).toMatchObject({
      identity: { username: 'jane@example.test', subject: JANE, displayName: 'jane' },
    })
  })

  it('belong to an instance and an issuer, when these are named', async () => {
    open({ instance: 'emea', issuer: 'https://directory.example.com' })
    expect(auth.mode).toBe('ldap_auth/emea')
    expect(await login(auth, 'jane', 'jane-secret')).toMatchObject({
      identity: { mode: 'ldap_auth/emea', issuer: 'https://directory.example.com' },
    })
  })

  it('can be found for administration', async () => {
    open()
    expect(await auth.searchUser?.('Jane', call)).toMatchObject({ username: 'jane', groups: [{ name: 'team' }, {}] })
    expect(await auth.searchUser?.('nobody', call)).toBeUndefined()
    expect(await auth.searchUser?.('bad\0name', call)).toBeUndefined()
    await expect(auth.searchUser?.('twice', call)).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
  })

  it('are found without a search account where the directory allows that', async () => {
    open({ bindDn: undefined, bindPassword: undefined })
    // This one does not, and says so.
    await expect(login(auth, 'jane', 'jane-secret')).rejects.toThrow('give bindDn and bindPassword')
  })
})

describe.skipIf(need.skip)(`ldap_auth on OpenLDAP${need.note}`, () => {
  let server: SlapdServer
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE })
  })
  afterAll(() => server?.stop())
  let auth: LdapAuthenticator | undefined
  afterAll(() => auth?.[Symbol.asyncDispose]())

  authenticatorContract(
    { describe, it },
    {
      make() {
        auth = slapdAuth(server, { timeouts: { connectMs: 500, operationMs: 500 } })
        return auth
      },
      accepted: password('jane', 'jane-secret'),
      identity: { username: 'jane', email: 'jane@example.test', displayName: 'Jane Doe' },
      spellings: ['JANE', 'Jane', '\uff2aane'],
      rejected: [password('jane', ''), password('jane', 'wrong'), password('twice', 'twice-secret')],
      unknown: [
        password('j*', 'jane-secret'),
        password('nobody', 'x'),
        password('jane*', 'jane-secret'),
        password('*', ''),
      ],
      breakBackend: () => server.kill(),
      stallBackend: () => server.pause(),
      async restoreBackend() {
        server.resume()
        await server.restart()
        // A server that failed is left alone for up to a second and a half.
        await delay(1_500)
      },
    },
  )
})

describe.skipIf(need.skip)(`ldap_auth on OpenLDAP, by a template of names${need.note}`, () => {
  let server: SlapdServer
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE })
  })
  afterAll(() => server?.stop())
  const auths: LdapAuthenticator[] = []
  afterAll(() => Promise.all(auths.map((auth) => auth[Symbol.asyncDispose]())))

  authenticatorContract(
    { describe, it },
    {
      make() {
        const none = { bindDn: undefined, bindPassword: undefined, baseDn: undefined }
        const auth = slapdAuth(server, { ...none, userDnTemplate: `uid={username},ou=people,${server.baseDn}` })
        auths.push(auth)
        return auth
      },
      accepted: password('jane', 'jane-secret'),
      identity: { username: 'jane', email: 'jane@example.test', displayName: 'Jane Doe' },
      spellings: ['JANE'],
      rejected: [password('jane', ''), password('jane', 'wrong'), password('several', 'several-secret')],
      unknown: [password('j*', 'jane-secret'), password('nobody', 'x')],
      breakBackend: () => server.kill(),
      async restoreBackend() {
        await server.restart()
        await delay(1_500)
      },
    },
  )
})
