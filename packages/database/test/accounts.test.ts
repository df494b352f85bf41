import { beforeAll, describe, expect, it } from 'vitest'
import { type SqlAccounts, sqlAccounts } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'
import { identity, named, password } from './people.ts'

onEveryDatabase((fixture) => {
  let accounts: SqlAccounts
  beforeAll(() => {
    accounts = sqlAccounts(fixture.db)
  })

  describe('looking accounts up', () => {
    it('finds the exact spelling, then the only one that folds to the same name', async () => {
      const { id } = await accounts.add({ username: 'Straße', email: 'S@Example.org', displayName: 'S. T.' })
      const record = {
        id,
        username: 'Straße',
        email: 'S@Example.org',
        displayName: 'S. T.',
        isAdmin: false,
        disabled: false,
        mode: 'db_auth',
        version: await accounts.version(id),
      }
      expect(await accounts.findById(id)).toEqual(record)
      expect(await accounts.findByName(named('Straße'))).toEqual(record)
      expect(await accounts.findByName(named('sTRAßE'))).toEqual(record)
      expect(await accounts.findByName(named('Strasse'))).toBeUndefined()
      expect(await accounts.findByName(named('Straße '))).toBeUndefined()
      expect(await accounts.findByName(named('S@Example.org'))).toBeUndefined()
    })

    it('does not equate accents, blanks or wildcards', async () => {
      await accounts.add({ username: 'andre' })
      for (const other of ['andré', 'andre ', ' andre', 'andr_', '%']) {
        expect(await accounts.findByName({ typed: other, canonical: other }), other).toBeUndefined()
      }
    })

    it('says nothing about ids that cannot be one', async () => {
      for (const id of [0, -1, 1.5, Number.NaN, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
        expect(await accounts.findById(id)).toBeUndefined()
        expect(await accounts.version(id)).toBeUndefined()
      }
    })

    it('says nothing about texts that no column could hold', async () => {
      for (const typed of ['a\0b', 'a\ud800', 'a'.repeat(256)]) {
        expect(await accounts.findByName({ typed, canonical: typed })).toBeUndefined()
        expect(await accounts.find({ typed, canonical: typed })).toBeUndefined()
      }
    })
  })

  describe('on-boarding', () => {
    it('creates an account once, however many logins of one person race', async () => {
      const everybody = await Promise.all(Array.from({ length: 8 }, () => accounts.onboard(identity('racer'))))
      expect(new Set(everybody.map((record) => record?.id)).size).toBe(1)
      expect(everybody[0]).toMatchObject({ username: 'racer', mode: 'ldap_auth', disabled: false, isAdmin: false })
      expect(await accounts.findByLink(identity('racer'))).toEqual(everybody[0])
    })

    it('never hands an account to another identity of the same name, in whatever spelling', async () => {
      const mine = await accounts.onboard(identity('Owner'))
      expect(mine).toBeDefined()
      expect(await accounts.onboard(identity('Owner', { subject: 'somebody else' }))).toBeUndefined()
      expect(await accounts.onboard(identity('oWNER', { subject: 'somebody else' }))).toBeUndefined()
      expect(await accounts.onboard(identity('Owner', { issuer: 'another directory' }))).toBeUndefined()
      expect(await accounts.findByLink(identity('Owner', { subject: 'somebody else' }))).toBeUndefined()
    })

    it('never hands the account of a local person to a directory', async () => {
      await accounts.add({ username: 'local-only', password })
      expect(await accounts.onboard(identity('local-only'))).toBeUndefined()
      expect(await accounts.onboard(identity('admin'))).toBeUndefined()
    })

    it('leaves out an e-mail address that is taken, empty or too long', async () => {
      await accounts.onboard(identity('first', { email: 'shared@example.com' }))
      expect(await accounts.onboard(identity('second', { email: 'shared@example.com' }))).not.toHaveProperty('email')
      expect(await accounts.onboard(identity('third', { email: '' }))).not.toHaveProperty('email')
      expect(await accounts.onboard(identity('fourth', { email: '' }))).not.toHaveProperty('email')
      expect(await accounts.onboard(identity('fifth', { email: `${'a'.repeat(300)}@b` }))).not.toHaveProperty('email')
    })

    it('writes a comma in a name as an underscore, as Harbor does', async () => {
      expect(await accounts.onboard(identity('Doe, Jane'))).toMatchObject({ username: 'Doe_ Jane' })
    })

    it('refuses identities that could not be found again', async () => {
      for (const broken of [
        identity(' blank'),
        identity(''),
        identity('a\0b'),
        identity('no-subject', { subject: '' }),
        identity('no-issuer', { issuer: '' }),
        identity('long-subject', { subject: 's'.repeat(2049) }),
      ]) {
        expect(await accounts.onboard(broken), broken.username).toBeUndefined()
      }
    })

    it('keeps (issuer, subject) pairs apart that read the same when joined', async () => {
      const one = await accounts.onboard(identity('pair-one', { issuer: 'a', subject: 'bc' }))
      const two = await accounts.onboard(identity('pair-two', { issuer: 'ab', subject: 'c' }))
      expect(one?.id).not.toBe(two?.id)
    })

    it('leaves people of other modes without a local password', async () => {
      await accounts.onboard(identity('external'))
      expect(await accounts.find(named('external'))).toMatchObject({
        isExternal: true,
        stored: { hash: '', salt: '', scheme: '' },
      })
    })

    it('gives somebody who was removed and comes back a new account', async () => {
      const before = await accounts.onboard(identity('returning'))
      await accounts.remove(before!.id)
      const after = await accounts.onboard(identity('returning'))
      expect(after).toMatchObject({ username: 'returning' })
      expect(after!.id).toBeGreaterThan(before!.id)
    })
  })

  describe('profiles', () => {
    it('are brought up to date, except for an e-mail address that is taken', async () => {
      await accounts.add({ username: 'holder', email: 'holder@example.com' })
      const { id } = (await accounts.onboard(identity('profiled', { email: 'old@example.com' })))!
      await accounts.updateProfile(id, { email: 'new@example.com', displayName: 'New Name' })
      expect(await accounts.findById(id)).toMatchObject({ email: 'new@example.com', displayName: 'New Name' })
      expect(await accounts.find(named('NEW@example.com'))).toMatchObject({ account: { id } })
      expect(await accounts.find(named('OLD@example.com'))).toBeUndefined()

      await accounts.updateProfile(id, { email: 'HOLDER@example.com', displayName: 'Newer Name' })
      expect(await accounts.findById(id)).toMatchObject({ email: 'new@example.com', displayName: 'Newer Name' })
    })

    it('cut a display name that is too long', async () => {
      const { id } = await accounts.add({ username: 'long-winded' })
      await accounts.updateProfile(id, { displayName: '💥'.repeat(300) })
      expect(await accounts.findById(id)).toMatchObject({ displayName: '💥'.repeat(255) })
    })
  })

  describe('the version of an account', () => {
    it('changes with every credential column and flag, whoever changes it, and with nothing else', async () => {
      const { id } = await accounts.add({ username: 'versioned', password })
      const { knex } = fixture.db
      const column = (columns: object) => async () =>
        void (await knex('harbor_user').where('user_id', id).update(columns))
      const seen = [await accounts.version(id)]
      for (const change of [
        column({ password: 'e'.repeat(32) }),
        column({ salt: 'other' }),
        column({ password_version: 'sha1' }),
        column({ sysadmin_flag: true }),
        () => accounts.setDisabled(id, true),
        () => accounts.link(id, identity('versioned-elsewhere')),
      ]) {
        await change()
        seen.push(await accounts.version(id))
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.join()).not.toContain('e'.repeat(32))

      await accounts.updateProfile(id, { displayName: 'Other', email: 'other@example.com' })
      expect(await accounts.version(id)).toBe(seen.at(-1))
      await column({ deleted: true })()
      expect(await accounts.version(id)).toBeUndefined()
    })
  })
})
