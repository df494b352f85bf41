import { randomUUID } from 'node:crypto'
import { setTimeout as pass } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { sqlAccounts, sqlHarborOidc } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

onEveryDatabase((fixture) => {
  const make = async (token: string | null = '<enc-v1>token') => {
    const username = `Jane ${randomUUID()}`
    const { id } = await sqlAccounts(fixture.db).add({ username })
    const subiss = `${username}https://idp.test`
    const times = { creation_time: '2026-01-01 00:00:00.000', update_time: '2026-01-01 00:00:00.000' }
    await fixture.db.knex('oidc_user').insert({ user_id: id, secret: '<enc-v1>secret', subiss, token, ...times })
    return { id, username, subiss, store: sqlHarborOidc(fixture.db) }
  }

  describe('the people whom a Harbor knows from a provider', () => {
    it('are found by the exact name, as long as they are not deleted', async () => {
      const { store, id, username, subiss } = await make()
      const row = { accountId: id, username, subiss, secret: '<enc-v1>secret', token: '<enc-v1>token' }
      expect(await store.find(username)).toEqual(row)
      for (const other of [username.toLowerCase(), `${username} `, '%', '', 'nobody', 'x\0']) {
        expect(await store.find(other)).toBeUndefined()
      }
      await fixture.db.knex('harbor_user').where('user_id', id).update({ deleted: true })
      expect(await store.find(username)).toBeUndefined()
    })

    it('may have no token', async () => {
      const { store, username } = await make(null)
      expect((await store.find(username))?.token).toBe('')
    })

    it('OID-11: get a new token only in place of the one that was read', async () => {
      const { store, id, username } = await make()
      const next = Array.from({ length: 10 }, (_, index) => store.replaceToken(id, '<enc-v1>token', `token ${index}`))
      const replaced = await Promise.all(next)
      expect(replaced.filter(Boolean)).toHaveLength(1)
      expect((await store.find(username))?.token).toBe(`token ${replaced.indexOf(true)}`)
      expect(await store.replaceToken(id, '<enc-v1>token', 'late')).toBe(false)
    })

    it('OID-11: are leased to one of many, until it is given back or time is over', async () => {
      const { store, id } = await make()
      const leases = await Promise.all(Array.from({ length: 20 }, (_, index) => store.lease(id, `h${index}`, 60_000)))
      expect(leases.filter(Boolean)).toHaveLength(1)
      await store.release(id, 'somebody else')
      expect(await store.lease(id, 'next', 50)).toBe(false)
      await store.release(id, `h${leases.indexOf(true)}`)
      expect(await store.lease(id, 'next', 50)).toBe(true)
      await pass(100)
      expect(await store.lease(id, 'last', 50)).toBe(true)
      expect(await store.lease(-1, 'x', 50)).toBe(false)
    })
  })
})
