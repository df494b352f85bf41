import type { Identity, NewPerson } from '@lockkeeper/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type SqlAccounts, sqlAccounts } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'
import { identity, named, password } from './people.ts'

onEveryDatabase((fixture) => {
  let accounts: SqlAccounts
  beforeAll(() => {
    accounts = sqlAccounts(fixture.db)
  })

  it('CHN-05: fields that nobody asked for are not stored, however a caller passes them on', async () => {
    const extra = { sysadmin_flag: true, isAdmin: undefined, user_id: 1, id: 1, deleted: true, disabled: true }
    const added = await accounts.add({ username: 'modest', ...extra } as unknown as NewPerson)
    expect(added).toMatchObject({ username: 'modest', isAdmin: false, disabled: false })
    const onboarded = await accounts.onboard({ ...identity('humble'), ...extra, isAdmin: true } as Identity)
    expect(onboarded).toMatchObject({ username: 'humble', isAdmin: false, disabled: false })
    await accounts.updateProfile(added.id, { displayName: 'Modest', ...extra } as object)
    expect(await accounts.findById(added.id)).toMatchObject({ displayName: 'Modest', isAdmin: false })
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

    it('match nothing when they get past every check', async () => {
      const { id } = await accounts.add({ username: 'target', password })
      for (const value of [{ username: 1 }, { username: 'target' }, { toString: () => 'target' }, ['target']]) {
        const found = fixture.db.query((knex) => knex('harbor_user').where({ user_id: id, username: value as never }))
        expect(await found.catch(() => [])).toEqual([])
      }
    })

    it('are never cut in silence by the database', async () => {
      const row = { realname: '', creation_time: '2026-01-01 00:00:00.000', update_time: '2026-01-01 00:00:00.000' }
      const username = 'cut'.repeat(100)
      await fixture.db.query((knex) => knex('harbor_user').insert({ ...row, username, password: '' })).catch(() => {})
      const stored = await fixture.db.knex('harbor_user').where('username', 'like', 'cutcut%').pluck('username')
      expect(stored.filter((name) => name !== username)).toEqual([])
    })
  })
})
