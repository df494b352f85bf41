import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../../../test/servers/requirements.ts'
import { type SlapdServer, startSlapd } from '../../../test/servers/slapd.ts'
import type { LdapAuthenticator, LdapAuthOptions, LdapEvent } from '../src/index.ts'
import { call, login } from './logins.ts'
import { JANE, PEOPLE, slapdAuth } from './people.ts'

const need = requires('slapd', 'openssl')
describe.skipIf(need.skip)(`groups of a person in OpenLDAP${need.note}`, () => {
  let server: SlapdServer
  let auth: LdapAuthenticator | undefined
  beforeAll(async () => {
    server = await startSlapd({ ldif: PEOPLE })
  })
  afterAll(() => server?.stop())
  afterEach(() => auth?.[Symbol.asyncDispose]())

  async function identityOf(options: Partial<LdapAuthOptions>, name = 'jane') {
    await auth?.[Symbol.asyncDispose]()
    auth = slapdAuth(server, options)
    const result = await login(auth, name, `${name}-secret`)
    if (result.outcome !== 'authenticated') throw new Error(`${name} is ${result.outcome}`)
    return result.identity
  }
  const namesOf = async (groups: LdapAuthOptions['groups'], name?: string) =>
    (await identityOf({ groups }, name)).groups.map((group) => group.name).toSorted()

  it('come from an attribute of the person', async () => {
    expect(await namesOf({ from: 'memberOf' })).toEqual(['Smith, Jane', 'team'])
    expect(await namesOf({ from: 'memberOf', baseDn: 'OU=Groups, dc=example,dc=test' })).toEqual([
      'Smith, Jane',
      'team',
    ])
    expect(await namesOf({ from: 'memberOf', baseDn: 'ou=other,dc=example,dc=test' })).toEqual([])
  })

  it('come from one search, with their own names', async () => {
    expect(await namesOf({ from: 'search' })).toEqual(['Smith, Jane', 'team'])
    expect(await namesOf({ from: 'search', nameAttribute: 'objectClass', filter: '(cn=team)' })).toEqual([
      'groupOfNames',
    ])
    expect(await namesOf({ from: 'search', baseDn: 'ou=people,dc=example,dc=test' })).toEqual([])
    expect(await namesOf({ from: 'search', scope: 'one' })).toEqual([])
  })

  it('come from a search for the user name, too', async () => {
    expect(await namesOf({ from: 'search', memberAttributes: ['description'], memberIs: 'username' })).toEqual(['unix'])
  })

  it('come from nowhere when told so', async () => {
    expect(await namesOf({ from: 'nowhere' })).toEqual([])
  })

  it('include groups of groups, circles and all, when told so', async () => {
    const expected = ['Smith, Jane', 'circle', 'company', 'department', 'team']
    expect(await namesOf({ from: 'search', nested: true })).toEqual(expected)
  })

  it('have one key, however the directory spells them', async () => {
    const keys = async (options: LdapAuthOptions['groups']) =>
      (await identityOf({ groups: options })).groups.map(({ key }) => key).toSorted()
    expect(await keys({ from: 'memberOf' })).toEqual(await keys({ from: 'search' }))
  })

  it('LDP-10: a comma in the name of a group is no border', async () => {
    // Below "Jane+ou=x,ou=groups,..." there is nothing: that is how the name goes on.
    expect(await namesOf({ from: 'memberOf', baseDn: 'cn=Jane+ou=x,ou=groups,dc=example,dc=test' })).toEqual([])
    const admin = (adminGroupDn: string) => identityOf({ adminGroupDn }).then(({ isAdmin }) => isAdmin)
    expect(await admin('CN=Smith\\, Jane + OU=x, ou=groups,dc=example,dc=test')).toBe(true)
    expect(await admin('ou=x+cn=smith\\2c jane,ou=groups,dc=example,dc=test')).toBe(true)
    expect(await admin('cn=Smith,cn=Jane+ou=x,ou=groups,dc=example,dc=test')).toBe(false)
  })

  it('make an administrator, also where groups come from nowhere or only groups of groups do', async () => {
    const isAdmin = async (options: Partial<LdapAuthOptions>) => (await identityOf(options)).isAdmin
    const company = 'cn=company,ou=groups,dc=example,dc=test'
    expect(await isAdmin({})).toBeUndefined()
    expect(await isAdmin({ adminGroupDn: 'cn=TEAM,ou=groups,dc=example,dc=test', groups: { from: 'nowhere' } })).toBe(
      true,
    )
    expect(await isAdmin({ adminGroupDn: company })).toBe(false)
    expect(await isAdmin({ adminGroupDn: company, groups: { from: 'search', nested: true } })).toBe(true)
  })

  it('are asked for at every login, so that a change shows at the next one', async () => {
    auth = slapdAuth(server, {})
    const groups = async () => {
      const result = await login(auth as LdapAuthenticator, 'joan', 'joan-secret')
      return result.outcome === 'authenticated' ? result.identity.groups.map(({ name }) => name).toSorted() : []
    }
    expect(await groups()).toEqual(['elsewhere', 'unix'])
    const member = 'member: uid=joan,ou=people,dc=example,dc=test'
    await server.add(`dn: cn=team,ou=groups,dc=example,dc=test\nchangetype: modify\nadd: member\n${member}\n`)
    expect(await groups()).toEqual(['elsewhere', 'team', 'unix'])
    await server.add(`dn: cn=team,ou=groups,dc=example,dc=test\nchangetype: modify\ndelete: member\n${member}\n`)
    expect(await groups()).toEqual(['elsewhere', 'unix'])
  })

  it('are many, page by page, up to a limit that the operator hears of', { timeout: 30_000 }, async () => {
    const ldif = Array.from({ length: 450 }, (_, index) => {
      const name = `many${index}`
      return `dn: cn=${name},ou=groups,dc=example,dc=test\nobjectClass: groupOfNames\ncn: ${name}\nmember: uid=Cäsar,ou=people,dc=example,dc=test\n`
    }).join('\n')
    await server.add(ldif)
    expect((await namesOf({ from: 'search' }, 'Cäsar')).length).toBe(450)
    expect((await namesOf({ from: 'memberOf' }, 'Cäsar')).length).toBe(450)
    const events: LdapEvent[] = []
    const { groups } = await identityOf(
      { groups: { from: 'search', max: 100 }, onEvent: (event) => events.push(event) },
      'Cäsar',
    )
    expect(groups.length).toBe(100)
    expect(events).toMatchObject([{ type: 'too_many_groups', name: 'Cäsar' }])
  })

  it('can be found for administration, below the base alone', async () => {
    const find = (key: string) => (auth as LdapAuthenticator).searchGroup?.(key, call)
    auth = slapdAuth(server, { groups: { from: 'search', baseDn: 'ou=groups,dc=example,dc=test' } })
    expect(await find('CN=Team, ou=groups,dc=example,dc=test')).toEqual({
      key: 'cn=team,ou=groups,dc=example,dc=test',
      name: 'team',
    })
    expect(await find('cn=Smith\\, Jane+ou=x,ou=groups,dc=example,dc=test')).toMatchObject({ name: 'Smith, Jane' })
    expect(await find('cn=missing,ou=groups,dc=example,dc=test')).toBeUndefined()
    expect(await find(JANE)).toBeUndefined()
    await expect(find('team')).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})
