import { beforeAll, describe, expect, it } from 'vitest'
import { type SqlAccounts, sqlAccounts } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const times = { creation_time: '2026-01-01 00:00:00.000', update_time: '2026-01-01 00:00:00.000' }
const ADMINS = 'cn=Admins,ou=groups,dc=example,dc=com'

onEveryDatabase((fixture) => {
  let accounts: SqlAccounts
  beforeAll(() => {
    accounts = sqlAccounts(fixture.db)
  })
  const row = async (id: number | undefined) => (await fixture.db.knex('user_group').where({ id }))[0]

  describe('groups', () => {
    it('keep their ids, however many logins race and in whatever order they come', async () => {
      const groups = [{ key: 'dev' }, { key: 'ops' }, { key: 'dev' }]
      const all = await Promise.all(Array.from({ length: 6 }, () => accounts.groupIds('oidc_auth', groups)))
      expect(new Set(all.map((ids) => ids.join())).size).toBe(1)
      expect(all[0]).toHaveLength(2)
      expect(await accounts.groupIds('oidc_auth', [{ key: 'ops' }, { key: 'dev' }])).toEqual(all[0]!.toReversed())
    })

    it('of two modes or providers are two, though they have one name', async () => {
      const modes = ['oidc_auth', 'oidc_auth/corp', 'http_auth', 'uaa_auth', 'my_auth']
      const ids = []
      for (const mode of modes) ids.push(...(await accounts.groupIds(mode, [{ key: 'same' }])))
      expect(new Set(ids).size).toBe(modes.length)
    })

    it('are told apart to the letter, except for distinguished names', async () => {
      expect(await accounts.groupIds('oidc_auth', [{ key: 'case' }, { key: 'CASE' }, { key: 'case ' }])).toHaveLength(3)
      const names = [{ key: ADMINS }, { key: ` ${ADMINS.toUpperCase()} ` }]
      expect(await accounts.groupIds('ldap_auth', names)).toHaveLength(1)
    })

    it('are written as Harbor reads them', async () => {
      const [ldap] = await accounts.groupIds('ldap_auth', [{ key: 'CN=Written,DC=example', name: 'Written' }])
      const written = { group_name: 'Written', group_type: 1, ldap_group_dn: 'cn=written,dc=example' }
      expect(await row(ldap)).toMatchObject(written)
      const [oidc] = await accounts.groupIds('oidc_auth', [{ key: 'claimed' }])
      expect(await row(oidc)).toMatchObject({ group_name: 'claimed', group_type: 3, ldap_group_dn: '' })
    })

    it('take another name when theirs is taken', async () => {
      const [first] = await accounts.groupIds('ldap_auth', [{ key: 'cn=x,dc=one', name: 'Same name' }])
      const [second] = await accounts.groupIds('ldap_auth', [{ key: 'cn=x,dc=two', name: 'Same name' }])
      const [third] = await accounts.groupIds('http_auth', [{ key: 'Same name' }])
      expect(await row(first)).toMatchObject({ group_name: 'Same name' })
      expect(await row(second)).toMatchObject({ group_name: 'cn=x,dc=two' })
      expect((await row(third)).group_name).toMatch(/^Same name \(http_auth\) [0-9a-f]{12}$/)
    })

    it('that Harbor made are taken over, by distinguished name or by name and type', async () => {
      const { knex } = fixture.db
      await knex('user_group').insert([
        { id: 501, group_name: 'Renamed by hand', group_type: 1, ldap_group_dn: 'cn=harbors,dc=example', ...times },
        { id: 502, group_name: 'harbors', group_type: 3, ldap_group_dn: '', ...times },
      ])
      expect(await accounts.groupIds('ldap_auth', [{ key: 'CN=Harbors,DC=example', name: 'Harbors' }])).toEqual([501])
      expect(await accounts.groupIds('oidc_auth', [{ key: 'harbors' }])).toEqual([502])
      expect(await accounts.groupIds('oidc_auth/other', [{ key: 'harbors' }])).not.toEqual([502])
    })

    it('tell their mode and what it calls them, also those of Harbor that nobody of has logged in yet', async () => {
      const [ldap = 0] = await accounts.groupIds('ldap_auth', [{ key: 'CN=Told,DC=example', name: 'Told' }])
      const [emea = 0] = await accounts.groupIds('ldap_auth/emea', [{ key: 'cn=Told,dc=example', name: 'Told' }])
      await fixture.db.knex('user_group').insert([
        { id: 511, group_name: 'Untold', group_type: 1, ldap_group_dn: 'cn=untold,dc=example', ...times },
        { id: 512, group_name: 'untold', group_type: 3, ldap_group_dn: '', ...times },
      ])
      const told = await accounts.groupsById([512, 4711, 511, emea, ldap])
      expect(told.toSorted((a, b) => a.id - b.id)).toEqual(
        [
          { id: ldap, mode: 'ldap_auth', key: 'cn=told,dc=example' },
          { id: emea, mode: 'ldap_auth/emea', key: 'cn=Told,dc=example' },
          { id: 511, mode: 'ldap_auth', key: 'cn=untold,dc=example' },
          { id: 512, mode: 'oidc_auth', key: 'untold' },
        ].toSorted((a, b) => a.id - b.id),
      )
      expect(await accounts.groupsById([])).toEqual([])
      const many = Array.from({ length: 450 }, (_, index) => index + 10_000)
      expect(await accounts.groupsById([...many, ldap])).toHaveLength(1)
    })

    it('that were deleted by somebody else are made anew', async () => {
      const [before] = await accounts.groupIds('oidc_auth', [{ key: 'phoenix' }])
      await fixture.db.knex('user_group').where('id', before!).delete()
      const [after] = await accounts.groupIds('oidc_auth', [{ key: 'phoenix' }])
      expect(await row(after)).toMatchObject({ group_name: 'phoenix' })
    })

    it('that cannot be stored are left out, and beyond a thousand nothing is looked at', async () => {
      expect(
        await accounts.groupIds('oidc_auth', [{ key: '' }, { key: ' ' }, { key: 'a\0' }, { key: 'k'.repeat(2049) }]),
      ).toEqual([])
      const beyond = [...Array.from({ length: 1000 }, () => ({ key: 'dev' })), { key: 'thousand-and-first' }]
      expect(await accounts.groupIds('oidc_auth', beyond)).toHaveLength(1)
    })

    it('may have long names and keys', async () => {
      const long = `cn=${'long'.repeat(100)},dc=example`
      const ids = await accounts.groupIds('ldap_auth', [{ key: `${long},dc=a` }, { key: `${long},dc=b` }])
      expect(new Set(ids).size).toBe(2)
    })
  })
})
