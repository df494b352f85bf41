import type { Identity } from '@lockkeeper/core'
import { canonicalName } from '@lockkeeper/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type SqlAccounts, sqlAccounts } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const named = (typed: string) => ({ typed, canonical: canonicalName(typed) ?? typed })

const identity = (username: string, more: Partial<Identity> = {}): Identity => ({
  mode: 'ldap_auth',
  issuer: 'ldaps://directory.example.com/dc=example,dc=com',
  subject: `uuid-of-${username}`,
  username,
  groups: [],
  ...more,
})

const password = { hash: 'f'.repeat(32), salt: 'salt', scheme: 'sha256' }

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

  describe('administration', () => {
    it('adds people, and says what is taken', async () => {
      await accounts.add({ username: 'Taken', email: 'taken@example.com', isAdmin: true })
      expect(await accounts.findByName(named('taken'))).toMatchObject({ isAdmin: true })
      await expect(accounts.add({ username: 'Taken' })).rejects.toMatchObject({
        code: 'ERR_CONFLICT',
        message: 'the user name Taken is taken',
      })
      await expect(accounts.add({ username: 'tAKEN' })).rejects.toThrow(
        'the user name tAKEN is taken by Taken, which is the same name in other spelling',
      )
      await expect(accounts.add({ username: 'free', email: 'TAKEN@example.com' })).rejects.toThrow(
        'the e-mail address TAKEN@example.com is taken',
      )
      expect(await accounts.findByName(named('free'))).toBeUndefined()
    })

    it('refuses names and addresses that Harbor refuses', async () => {
      for (const username of ['', ' a', 'a,b', 'a"b', 'a~b', 'a#b', 'a%b', 'a$b', 'a\u202eb', 'a'.repeat(256)]) {
        await expect(accounts.add({ username }), username).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
      }
      for (const email of ['', 'x', 'a b@c', 'a@b@c', `${'a'.repeat(255)}@b`]) {
        await expect(accounts.add({ username: 'fine', email }), email).rejects.toMatchObject({
          code: 'ERR_INVALID_INPUT',
        })
      }
    })

    it('removes softly: name and address are free again, memberships and links are gone', async () => {
      const { id } = await accounts.add({ username: 'leaver', email: 'leaver@example.com' })
      await fixture.db.knex('project_member').insert({
        project_id: 1,
        entity_type: 'u',
        entity_id: id,
        role: 1,
        creation_time: '2026-01-01 00:00:00.000',
        update_time: '2026-01-01 00:00:00.000',
      })
      await accounts.remove(id)
      expect(await accounts.findById(id)).toBeUndefined()
      expect(await accounts.version(id)).toBeUndefined()
      expect(await accounts.find(named('leaver'))).toBeUndefined()
      expect(await fixture.db.knex('project_member').where({ entity_type: 'u', entity_id: id })).toEqual([])
      const [row] = await fixture.db.knex('harbor_user').where('user_id', id)
      expect(row).toMatchObject({ username: `leaver#${id}`, email: `leaver@example.com#${id}` })
      expect((await accounts.add({ username: 'leaver', email: 'leaver@example.com' })).id).toBeGreaterThan(id)
    })

    it('frees a name even when there is hardly room for the id behind it', async () => {
      const longest = 'n'.repeat(255)
      await accounts.remove((await accounts.add({ username: longest })).id)
      await expect(accounts.add({ username: longest })).resolves.toMatchObject({ username: longest })
    })

    it('lists by page, without the removed', async () => {
      const ids = []
      for (const username of ['page-1', 'page-2', 'page-3']) ids.push((await accounts.add({ username })).id)
      await accounts.remove(ids[1]!)
      const page = await accounts.list({ after: ids[0]! - 1, limit: 2 })
      expect(page.map(({ id }) => id)).toEqual([ids[0], ids[2]])
      expect(await accounts.list({ after: ids[2]! })).toEqual([])
    })

    it('disables and enables, grants and takes administration', async () => {
      const { id } = await accounts.add({ username: 'switched' })
      await accounts.setDisabled(id, true)
      await accounts.setAdmin(id, true)
      expect(await accounts.findById(id)).toMatchObject({ disabled: true, isAdmin: true })
      await accounts.setDisabled(id, false)
      await accounts.setAdmin(id, false)
      expect(await accounts.findById(id)).toMatchObject({ disabled: false, isAdmin: false })
      expect(await accounts.findByName(named('SWITCHED'))).toMatchObject({ id })
    })

    it('links an account to somebody elsewhere, who then is found by the link and has no local password', async () => {
      const { id } = await accounts.add({ username: 'linked', password })
      await accounts.link(id, identity('elsewhere'))
      expect(await accounts.findByLink(identity('elsewhere'))).toMatchObject({ id, mode: 'ldap_auth' })
      expect(await accounts.find(named('linked'))).toMatchObject({ isExternal: true })
      expect(await accounts.onboard(identity('elsewhere'))).toMatchObject({ id })

      const other = await accounts.add({ username: 'linked-too' })
      await expect(accounts.link(other.id, identity('elsewhere'))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      await accounts.link(id, identity('moved'))
      expect(await accounts.findByLink(identity('elsewhere'))).toBeUndefined()
      await accounts.link(other.id, identity('elsewhere'))
      expect(await accounts.findByLink(identity('elsewhere'))).toMatchObject({ id: other.id })
    })

    it('keeps the super user local and in place', async () => {
      await expect(accounts.remove(1)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
      await expect(accounts.link(1, identity('usurper'))).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
      expect(await accounts.findById(1)).toMatchObject({ username: 'admin', isAdmin: true, mode: 'db_auth' })
    })

    it('throws NotFoundError for an account that is not there', async () => {
      for (const id of [4711, 0, Number.NaN]) {
        const missing = { code: 'ERR_NOT_FOUND', message: `there is no account with id ${id}` }
        await expect(accounts.remove(id)).rejects.toMatchObject(missing)
        await expect(accounts.setDisabled(id, true)).rejects.toMatchObject(missing)
        await expect(accounts.setAdmin(id, true)).rejects.toMatchObject(missing)
        await expect(accounts.setPassword(id, password)).rejects.toMatchObject(missing)
        await expect(accounts.link(id, identity('nobody'))).rejects.toMatchObject(missing)
        await expect(accounts.updateProfile(id, { displayName: 'x' })).rejects.toMatchObject(missing)
      }
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

  describe('JSX-02: values from outside', () => {
    it('reach no query unless they have the type they should have', async () => {
      let queries = 0
      const count = () => {
        queries += 1
      }
      fixture.db.knex.on('query', count)
      for (const hostile of [{ $ne: '' }, ['admin'], { toString: () => 'admin' }, 1, null, true]) {
        const text = hostile as unknown as string
        await expect(accounts.findByName({ typed: text, canonical: text })).rejects.toThrow(TypeError)
        await expect(accounts.find({ typed: text, canonical: text })).rejects.toThrow(TypeError)
        await expect(accounts.add({ username: text })).rejects.toThrow(TypeError)
        await expect(accounts.setPassword(1, { ...password, hash: text })).rejects.toThrow(TypeError)
        await expect(accounts.link(2, { mode: 'ldap_auth', issuer: 'x', subject: text })).rejects.toThrow(TypeError)
      }
      for (const hostile of ['1', { valueOf: () => 1 }, [1], true]) {
        await expect(accounts.findById(hostile as unknown as number)).rejects.toThrow(TypeError)
      }
      fixture.db.knex.off('query', count)
      expect(queries).toBe(0)
    })

    it('are stored as they are, however much they look like SQL', async () => {
      const username = "x' or 1=1; drop table harbor_user; -- \\' ?"
      const { id } = await accounts.add({ username })
      expect(await accounts.findByName(named(username))).toMatchObject({ id, username })
    })
  })
})
