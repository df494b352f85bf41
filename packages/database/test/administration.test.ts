import { beforeAll, describe, expect, it } from 'vitest'
import { type SqlAccounts, sqlAccounts } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'
import { identity, named, password } from './people.ts'

onEveryDatabase((fixture) => {
  let accounts: SqlAccounts
  beforeAll(() => {
    accounts = sqlAccounts(fixture.db)
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

    it('refuses names and addresses that Harbor refuses, and names that Basic cannot carry', async () => {
      for (const username of ['', ' a', 'a,b', 'a"b', 'a~b', 'a#b', 'a%b', 'a$b', 'a:b', 'a\u202eb', 'a'.repeat(256)]) {
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
})
