import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DirectoryServer, requiresDirectoryServer, startDirectoryServer } from '../../../test/servers/dirsrv.ts'
import { type LdapAuthenticator, type LdapAuthOptions, ldapAuth } from '../src/index.ts'
import { call, login, named, outcomeOf } from './logins.ts'
import { group, groupDn, JANE, person } from './people.ts'

const READER = { dn: 'uid=reader,ou=people,dc=example,dc=test', password: 'reader-secret' }
/** As in FreeIPA: the groups of groups show in memberOf already. */
const LDIF = [
  person('reader'),
  person('jane', ['displayName: Jane Doe']),
  person('several', ['uid: more']),
  group('team', JANE),
  group('department', groupDn('team')),
  group('company', groupDn('department')),
].join('\n')

const need = requiresDirectoryServer()
describe.skipIf(need.skip)(`people of a 389 Directory Server${need.note}`, { timeout: 30_000 }, () => {
  let server: DirectoryServer
  let auth: LdapAuthenticator
  beforeAll(async () => {
    server = await startDirectoryServer({ ldif: LDIF })
    auth = open()
  })
  afterAll(async () => {
    await auth?.[Symbol.asyncDispose]()
    await server?.stop()
  })
  const open = (more: Partial<LdapAuthOptions> = {}) =>
    ldapAuth({
      url: server.ldapsUrl,
      tls: { ca: readFileSync(server.ca, 'utf8') },
      baseDn: `ou=people,${server.baseDn}`,
      bindDn: READER.dn,
      bindPassword: READER.password,
      ...more,
    })

  it('log in, with the groups of their groups, which the directory adds up itself', async () => {
    const result = await login(auth, 'jane', 'jane-secret')
    expect(result).toMatchObject({ outcome: 'authenticated', identity: { username: 'jane', displayName: 'Jane Doe' } })
    const names = result.outcome === 'authenticated' ? result.identity.groups.map(({ name }) => name).toSorted() : []
    expect(names).toEqual(['company', 'department', 'team'])
    expect(await outcomeOf(login(auth, 'jane', 'wrong'))).toBe('rejected: bad_credentials')
    expect(await outcomeOf(login(auth, 'nobody', 'wrong'))).toBe('abstained')
    expect(await outcomeOf(login(auth, 'several', 'several-secret'))).toBe('rejected: ambiguous')
  })

  it('log in over StartTLS, and not past a certificate of nobody who is trusted', async () => {
    const upgrading = open({ url: server.url, startTls: true })
    expect(await outcomeOf(login(upgrading, 'jane', 'jane-secret'))).toBe('authenticated')
    await upgrading[Symbol.asyncDispose]()
    for (const address of [{ url: server.url, startTls: true }, { url: server.ldapsUrl }]) {
      const distrusting = open({ ...address, tls: {} })
      await expect(login(distrusting, 'jane', 'jane-secret')).rejects.toThrow('name its authority in tls.ca')
      await distrusting[Symbol.asyncDispose]()
    }
  })

  it('have an id that was there before entryUUID was', async () => {
    const { account } = await auth.lookUp(named('jane'), call)
    expect(account).toMatch(/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/)
    const byUuid = open({ attributes: { id: 'entryUUID' } })
    expect((await byUuid.lookUp(named('jane'), call)).account).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/)
    await byUuid[Symbol.asyncDispose]()
  })

  it('have the groups of their groups by asking for each level, too', async () => {
    const walking = open({ groups: { from: 'search', baseDn: `ou=groups,${server.baseDn}`, nested: true } })
    const found = await walking.searchUser?.('jane', call)
    expect(found?.groups.map(({ name }) => name).toSorted()).toEqual(['company', 'department', 'team'])
    await walking[Symbol.asyncDispose]()
  })

  it('log in by a template of names', async () => {
    const none = { bindDn: undefined, bindPassword: undefined }
    const direct = open({ ...none, userDnTemplate: `uid={username},ou=people,${server.baseDn}` })
    expect(await outcomeOf(login(direct, 'jane', 'jane-secret'))).toBe('authenticated')
    expect(await outcomeOf(login(direct, 'jane', 'wrong'))).toBe('rejected: bad_credentials')
    expect(await outcomeOf(login(direct, 'nobody', 'wrong'))).toBe('rejected: bad_credentials')
    await direct[Symbol.asyncDispose]()
  })

  it('are checked by a ping', async () => {
    await auth.ping?.(call)
    const lost = open({ baseDn: `ou=missing,${server.baseDn}` })
    await expect(lost.ping?.(call)).rejects.toThrow('baseDn may be wrong')
    await lost[Symbol.asyncDispose]()
  })
})
