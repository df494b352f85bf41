import { beforeAll, describe, expect, it } from 'vitest'
import { type SqlAccounts, sqlAccounts } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'
import { named } from './people.ts'

const sha256 = { hash: 'a'.repeat(32), salt: 'pepper', scheme: 'sha256' }
const ARGON2_HEAD = '$argon2id$v=19$m=19456,t=2,p=1'
const argon2id = { hash: `${ARGON2_HEAD}$${'s'.repeat(22)}$${'t'.repeat(43)}`, salt: '', scheme: 'argon2id' }

onEveryDatabase((fixture) => {
  let accounts: SqlAccounts
  beforeAll(() => {
    accounts = sqlAccounts(fixture.db)
  })

  describe('finding a password row', () => {
    it('takes the user name before the e-mail address of another', async () => {
      const owner = await accounts.add({ username: 'owner', email: 'jane@example.com', password: sha256 })
      expect(await accounts.find(named('jane@example.com'))).toMatchObject({ account: { id: owner.id } })
      const shadow = await accounts.add({ username: 'jane@example.com', password: argon2id })
      expect(await accounts.find(named('jane@example.com'))).toEqual({
        account: { ...shadow, version: await accounts.version(shadow.id) },
        stored: argon2id,
        isExternal: false,
      })
      expect(await accounts.find(named('JANE@example.com'))).toMatchObject({ account: { id: shadow.id } })
    })

    it('asks the database once, whether the name is a user name, an e-mail address or nothing', async () => {
      await accounts.add({ username: 'counted', email: 'counted@example.com' })
      const counts: number[] = []
      for (const typed of ['counted', 'Counted', 'counted@example.com', 'Counted@example.com', 'nobody']) {
        let queries = 0
        const count = () => {
          queries += 1
        }
        fixture.db.knex.on('query', count)
        await accounts.find(named(typed))
        fixture.db.knex.off('query', count)
        counts.push(queries)
      }
      expect(counts).toEqual([1, 1, 1, 1, 1])
    })

    it('reads NULL and empty alike', async () => {
      const { id } = await accounts.add({ username: 'nulls', password: sha256 })
      await fixture.db.knex('harbor_user').where('user_id', id).update({ salt: null, password_version: null })
      expect(await accounts.find(named('nulls'))).toMatchObject({ stored: { salt: '', scheme: '' } })
    })

    it('PWD-06: knows the accounts of other modes by comment, by Harbor’s OIDC row and by old placeholders', async () => {
      const marks = [
        { comment: 'from LDAP.', mode: 'ldap_auth' },
        { comment: 'From UAA', mode: 'uaa_auth' },
        { comment: 'By Authproxy', mode: 'http_auth' },
        { comment: 'Onboarded via OIDC provider', mode: 'oidc_auth' },
      ]
      for (const { comment, mode } of marks) {
        const { id } = await accounts.add({ username: `by-${mode}`, password: sha256 })
        await fixture.db.knex('harbor_user').where('user_id', id).update({ comment })
        expect(await accounts.find(named(`by-${mode}`))).toMatchObject({ isExternal: true, account: { mode } })
      }

      const oidc = await accounts.add({ username: 'by-row', password: sha256 })
      const times = { creation_time: '2026-01-01 00:00:00.000', update_time: '2026-01-01 00:00:00.000' }
      await fixture.db.knex('oidc_user').insert({ user_id: oidc.id, secret: '', subiss: 'subject-of-row', ...times })
      expect(await accounts.find(named('by-row'))).toMatchObject({ isExternal: true, account: { mode: 'oidc_auth' } })

      for (const hash of ['12345678AbC', '1234567ab']) {
        await accounts.add({ username: `plain-${hash}`, password: { ...sha256, hash } })
        expect(await accounts.find(named(`plain-${hash}`))).toMatchObject({ isExternal: true })
      }
    })

    it('PWD-06: never takes the super user for somebody else’s, whatever the comment says', async () => {
      await fixture.db.knex('harbor_user').where('user_id', 1).update({ comment: 'from LDAP.' })
      expect(await accounts.find(named('admin'))).toMatchObject({ isExternal: false, account: { mode: 'db_auth' } })
    })
  })

  describe('replacing a password', () => {
    it('happens only while it is still the expected one', async () => {
      const { id } = await accounts.add({ username: 'swapped', password: sha256 })
      expect(await accounts.replace(id, { ...sha256, hash: 'b'.repeat(32) }, argon2id)).toBe(false)
      expect(await accounts.replace(id, { ...sha256, salt: 'other' }, argon2id)).toBe(false)
      expect(await accounts.replace(id, { ...sha256, scheme: 'sha1' }, argon2id)).toBe(false)
      expect(await accounts.find(named('swapped'))).toMatchObject({ stored: sha256 })
      expect(await accounts.replace(id, sha256, argon2id)).toBe(true)
      expect(await accounts.find(named('swapped'))).toMatchObject({ stored: argon2id })
      expect(await accounts.replace(id, sha256, sha256)).toBe(false)
    })

    it('succeeds once when several try together', async () => {
      const { id } = await accounts.add({ username: 'contested', password: sha256 })
      const racers = ['1', '2', '3', '4'].map((digit) => ({ ...sha256, hash: digit.repeat(32) }))
      const won = await Promise.all(racers.map((next) => accounts.replace(id, sha256, next)))
      expect(won.filter(Boolean)).toHaveLength(1)
    })

    it('expects NULL where the row was read as empty', async () => {
      const { id } = await accounts.add({ username: 'null-swapped', password: sha256 })
      await fixture.db.knex('harbor_user').where('user_id', id).update({ password_version: null })
      expect(await accounts.replace(id, { ...sha256, scheme: '' }, argon2id)).toBe(true)
    })

    it('sets the first password of the super user once', async () => {
      const nothing = { hash: '', salt: '', scheme: '' }
      expect((await accounts.find(named('admin')))?.stored).toEqual(nothing)
      expect(await accounts.replace(1, nothing, argon2id)).toBe(true)
      expect(await accounts.replace(1, nothing, sha256)).toBe(false)
    })

    it('leaves removed accounts alone', async () => {
      const { id } = await accounts.add({ username: 'removed', password: sha256 })
      await accounts.remove(id)
      expect(await accounts.replace(id, sha256, argon2id)).toBe(false)
    })
  })

  it('refuses a password that no column could hold', async () => {
    const tooLong = { hash: 'x'.repeat(256), salt: '', scheme: 'argon2id' }
    await expect(accounts.setPassword(1, tooLong)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    await expect(accounts.add({ username: 'wide', password: tooLong })).rejects.toMatchObject({
      code: 'ERR_INVALID_INPUT',
    })
  })

  it('names the schemes of local passwords, those of argon2id with their parameters', async () => {
    const { knex } = fixture.db
    await knex('lockkeeper_account').where('account_id', '>', 1).delete()
    await knex('oidc_user').delete()
    await knex('harbor_user').where('user_id', '>', 1).delete()
    await accounts.setPassword(1, argon2id)
    expect(await accounts.schemes()).toEqual([ARGON2_HEAD])

    await accounts.add({ username: 'none' })
    const legacy = await accounts.add({ username: 'legacy', password: sha256 })
    await accounts.add({ username: 'unsaid', password: { ...sha256, scheme: '' } })
    await accounts.add({ username: 'odd', password: { ...sha256, scheme: 'SHA256' } })
    await accounts.add({ username: 'dear', password: { ...argon2id, hash: argon2id.hash.replace('t=2', 't=10') } })
    const external = await accounts.add({ username: 'external', password: { ...sha256, scheme: 'pbkdf2_sha256' } })
    await knex('harbor_user').where('user_id', external.id).update({ comment: 'from LDAP.' })
    const expected = [ARGON2_HEAD, ARGON2_HEAD.replace('t=2', 't=10'), 'SHA256', '', 'sha256']
    expect([...(await accounts.schemes())].sort()).toEqual(expected.sort())

    await accounts.remove(legacy.id)
    expect(await accounts.schemes()).not.toContain('sha256')
  })
})
