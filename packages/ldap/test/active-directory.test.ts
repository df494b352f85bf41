import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requiresSamba, type SambaServer, startSamba } from '../../../test/servers/samba.ts'
import { type LdapAuthenticator, type LdapAuthOptions, ldapAuth } from '../src/index.ts'
import { call, login, named, outcomeOf } from './logins.ts'

const COMMANDS = [
  [
    'user',
    'create',
    'alice',
    'alice-secret',
    '--mail-address=alice@ad.example.test',
    '--given-name=Alice',
    '--surname=Adams',
  ],
  ['user', 'create', 'reader', 'reader-secret'],
  ['user', 'setexpiry', 'reader', '--noexpiry'],
  ['user', 'create', 'disabled', 'right-secret'],
  ['user', 'disable', 'disabled'],
  ['user', 'create', 'expired', 'right-secret'],
  ['user', 'setexpiry', 'expired', '--days=-1'],
  ['user', 'create', 'newcomer', 'right-secret', '--must-change-at-next-login'],
  ['user', 'create', 'locked', 'right-secret'],
  ['user', 'create', 'renamed', 'right-secret'],
  ['user', 'create', 'josé', 'right-secret'],
  ['group', 'add', 'inner'],
  ['group', 'add', 'outer'],
  ['group', 'add', 'outermost'],
  ['group', 'addmembers', 'inner', 'alice'],
  ['group', 'addmembers', 'outer', 'inner'],
  ['group', 'addmembers', 'outermost', 'outer'],
]

const optionsOf = ({ ldapsUrl, ca, host, baseDn }: SambaServer): LdapAuthOptions => ({
  url: ldapsUrl,
  tls: { ca: readFileSync(ca, 'utf8'), serverName: host },
  baseDn,
  bindDn: 'reader@ad.example.test',
  bindPassword: 'reader-secret',
  usernameAttribute: 'sAMAccountName',
  filter: '(&(objectCategory=person)(objectClass=user))',
})

const need = requiresSamba()
describe.skipIf(need.skip)(`people of an Active Directory${need.note}`, () => {
  let server: SambaServer
  let auth: LdapAuthenticator | undefined
  beforeAll(async () => {
    server = await startSamba({ commands: COMMANDS })
  }, 240_000)
  afterAll(() => server?.stop())
  afterEach(() => auth?.[Symbol.asyncDispose]())

  function open(more: Partial<LdapAuthOptions> = {}): LdapAuthenticator {
    auth = ldapAuth({ ...optionsOf(server), ...more })
    return auth
  }
  const tryOut = (name: string, password: string, more?: Partial<LdapAuthOptions>) =>
    outcomeOf(login(open(more), name, password))
  async function identityOf(more: Partial<LdapAuthOptions> = {}) {
    const result = await login(open(more), 'alice', 'alice-secret')
    if (result.outcome !== 'authenticated') throw new Error(`alice is ${result.outcome}`)
    return result.identity
  }

  it('log in over ldaps and over StartTLS', async () => {
    expect(await identityOf()).toEqual({
      mode: 'ldap_auth',
      issuer: 'ldap_auth',
      subject: expect.stringMatching(/^[0-9a-f]{32}$/),
      username: 'alice',
      email: 'alice@ad.example.test',
      displayName: 'Alice Adams',
      groups: [{ key: 'cn=inner,cn=users,dc=ad,dc=example,dc=test', name: 'inner' }],
    })
    expect(await tryOut('alice', 'alice-secret', { url: server.url, startTls: true })).toBe('authenticated')
    expect(await tryOut('alice', 'wrong')).toBe('rejected: bad_credentials')
    expect(await tryOut('nobody', 'wrong')).toBe('abstained')
  })

  it('are searched by an account that is named in any of its three ways', async () => {
    const found = await identityOf()
    for (const bindDn of ['EXAD\\reader', `CN=reader,CN=Users,${server.baseDn}`]) {
      expect((await identityOf({ bindDn })).subject).toBe(found.subject)
    }
  })

  it('type their principal name where that is what they are asked for', async () => {
    open({ usernameAttribute: 'userPrincipalName' })
    const identity = { username: 'alice@ad.example.test' }
    expect(await login(auth as LdapAuthenticator, 'Alice@AD.example.test', 'alice-secret')).toMatchObject({ identity })
  })

  it('keep their id, which is bytes that are no text, when they are renamed', async () => {
    open()
    const before = await auth?.lookUp(named('renamed'), call)
    await server.tool('user', 'rename', 'renamed', '--samaccountname=anew', '--force-new-cn=Anew')
    const after = await auth?.lookUp(named('anew'), call)
    expect(after?.account).toMatch(/^[0-9a-f]{32}$/)
    expect(after?.account).toBe(before?.account)
  })

  it('LDP-08: are refused for what the directory says beside its code, for the operator', async () => {
    expect(await tryOut('disabled', 'right-secret')).toBe('rejected: disabled')
    expect(await tryOut('expired', 'right-secret')).toBe('rejected: expired')
    expect(await tryOut('newcomer', 'right-secret')).toBe('rejected: must_change')
    for (const name of ['disabled', 'expired', 'newcomer']) {
      expect(await tryOut(name, 'wrong')).toBe('rejected: bad_credentials')
    }
    for (let guess = 0; guess < 3; guess++) expect(await tryOut('locked', 'wrong')).toBe('rejected: bad_credentials')
    expect(await tryOut('locked', 'right-secret')).toBe('rejected: locked')
  })

  it('LDP-10: are not who the directory takes for somebody, without an accent', async () => {
    expect(await tryOut('jose', 'right-secret')).not.toBe('authenticated')
    expect(await tryOut('josé', 'right-secret')).toBe('authenticated')
  })

  it('have the groups of their groups by one question', async () => {
    const nested = { from: 'search', nested: true } as const
    const names = async (groups: LdapAuthOptions['groups']) =>
      (await identityOf({ groups })).groups.map(({ name }) => name).toSorted()
    expect(await names({ from: 'memberOf' })).toEqual(['inner'])
    expect(await names({ from: 'search' })).toEqual(['inner'])
    expect(await names(nested)).toEqual(['inner', 'outer', 'outermost'])
    const adminGroupDn = `CN=Outermost,CN=Users,${server.baseDn}`
    expect((await identityOf({ groups: nested, adminGroupDn })).isAdmin).toBe(true)
    expect((await identityOf({ adminGroupDn })).isAdmin).toBe(false)
  })

  it('are found from the root, past references to other partitions, and in the global catalog', async () => {
    expect((await identityOf({ filter: undefined })).username).toBe('alice')
    expect((await identityOf({ url: server.catalogUrl, baseDn: '' })).username).toBe('alice')
  })

  it('can be found for administration', async () => {
    open()
    expect(await auth?.searchUser?.('ALICE', call)).toMatchObject({ username: 'alice' })
    expect(await auth?.searchGroup?.(`CN=Inner,CN=Users,${server.baseDn}`, call)).toMatchObject({ name: 'inner' })
    expect(await auth?.searchGroup?.(`CN=Missing,CN=Users,${server.baseDn}`, call)).toBeUndefined()
  })

  it('are checked by a ping that says what is wrong', async () => {
    await open().ping?.(call)
    await open({ groups: { from: 'search', nested: true }, adminGroupDn: `CN=inner,CN=Users,${server.baseDn}` }).ping?.(
      call,
    )
    const ping = (more: Partial<LdapAuthOptions>) => expect(open(more).ping?.(call)).rejects
    await ping({ bindPassword: 'wrong' }).toThrow(
      'bindPassword may be wrong: the search account reader@ad.example.test',
    )
    await ping({ bindDn: 'disabled@ad.example.test', bindPassword: 'right-secret' }).toThrow(
      'bindDn may be wrong: the search account disabled@ad.example.test is refused by 127',
    )
    await ping({ bindDn: 'disabled@ad.example.test', bindPassword: 'right-secret' }).toThrow(
      ': disabled; mend it in the directory',
    )
    await ping({ bindDn: undefined, bindPassword: undefined }).toThrow('bindDn may be wrong')
    await ping({ baseDn: 'DC=elsewhere' }).toThrow('baseDn may be wrong')
    await ping({ tls: { ca: readFileSync(server.ca, 'utf8') } }).toThrow(
      `it is for IP Address:127.0.0.1, DNS:${server.host}`,
    )
  })
})

const old = requiresSamba('faketime')
describe.skipIf(old.skip)(`people of an Active Directory, sixty days later${old.note}`, () => {
  let server: SambaServer
  beforeAll(async () => {
    server = await startSamba({ commands: COMMANDS, daysAhead: 60 })
  }, 240_000)
  afterAll(() => server?.stop())

  async function using<T>(reader: Partial<LdapAuthOptions>, work: (auth: LdapAuthenticator) => Promise<T>): Promise<T> {
    const auth = ldapAuth({ ...optionsOf(server), ...reader })
    try {
      return await work(auth)
    } finally {
      await auth[Symbol.asyncDispose]()
    }
  }

  it('LDP-08: are refused for a password that has expired, and for another as ever', async () => {
    await using({}, async (auth) => {
      expect(await outcomeOf(login(auth, 'alice', 'alice-secret'))).toBe('rejected: expired')
      expect(await outcomeOf(login(auth, 'alice', 'wrong'))).toBe('rejected: bad_credentials')
    })
  })

  it('LDP-08: are neither let in nor refused by a search account whose password has expired', async () => {
    await using({ bindDn: 'alice@ad.example.test', bindPassword: 'alice-secret' }, async (auth) => {
      expect(await outcomeOf(login(auth, 'renamed', 'right-secret'))).toBe('ERR_BACKEND_UNAVAILABLE')
      await expect(auth.ping?.(call)).rejects.toThrow(/search account alice@.* is refused by .*: expired/)
    })
  })
})
