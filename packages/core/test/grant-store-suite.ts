import { describe, expect, it } from 'vitest'
import type { GrantRecord, GrantStore } from '../src/index.ts'

/** What the suite works with: a store, two accounts without grants, and a way to let time pass. */
export interface GrantSubject {
  readonly store: GrantStore
  readonly jane: number
  readonly joe: number
  pass(ms: number): Promise<void>
}

const ISSUER = 'https://idp.test'

/** What a provider gave, by a refresh token that tells one record from another. */
export const grantRecord = (refreshToken = 'refresh-1', changes: Partial<GrantRecord> = {}): GrantRecord => ({
  grant: {
    issuer: ISSUER,
    subject: 'jane-1',
    accessToken: 'access-1',
    refreshToken,
    idToken: 'id-1',
    session: 'sid-1',
    expiresAt: new Date(Date.UTC(2026, 0, 1, 0, 1)),
  },
  identity: {
    mode: 'oidc_auth',
    issuer: ISSUER,
    subject: 'jane-1',
    username: 'jane',
    email: 'jane@example.com',
    groups: [{ key: 'dev', name: 'Développement' }],
    isAdmin: true,
  },
  checkedAt: Date.UTC(2026, 0, 1),
  ...changes,
})

/** What every store of grants keeps to. */
export function grantStoreSuite(make: () => Promise<GrantSubject>): void {
  describe('a store of grants', () => {
    it('gives back what was put, whole, and each time under another version', async () => {
      const { store, jane, joe } = await make()
      await store.put(jane, grantRecord())
      const first = await store.read(jane)
      expect(first).toEqual({ ...grantRecord(), version: expect.any(String) })
      await store.put(jane, grantRecord())
      expect((await store.read(jane))?.version).not.toBe(first?.version)
      const least: GrantRecord = {
        grant: { issuer: ISSUER, subject: 'joe' },
        identity: { mode: 'm', issuer: ISSUER, subject: 'joe', username: 'joe', groups: [] },
        checkedAt: 1,
      }
      await store.put(joe, least)
      expect(await store.read(joe)).toEqual({ ...least, version: expect.any(String) })
    })

    it('OID-11: replaces only the version that was read', async () => {
      const { store, jane } = await make()
      expect(await store.replace(jane, 'none', grantRecord())).toBe(false)
      await store.put(jane, grantRecord())
      const { version } = (await store.read(jane))!
      const replaced = await Promise.all(
        Array.from({ length: 10 }, (_, index) => store.replace(jane, version, grantRecord(`refresh-${index}`))),
      )
      expect(replaced.filter(Boolean)).toHaveLength(1)
      expect((await store.read(jane))?.grant.refreshToken).toBe(`refresh-${replaced.indexOf(true)}`)
      expect((await store.read(jane))?.version).not.toBe(version)
    })

    it('removes a version, or whatever is there', async () => {
      const { store, jane } = await make()
      await store.put(jane, grantRecord())
      const { version } = (await store.read(jane))!
      expect(await store.remove(jane, 'another')).toBe(false)
      expect(await store.remove(jane, version)).toBe(true)
      expect(await store.read(jane)).toBeUndefined()
      expect(await store.remove(jane)).toBe(false)
      await store.put(jane, grantRecord())
      expect(await store.remove(jane)).toBe(true)
    })

    it('OID-11: leases a grant to one of many, and again when it was given back', async () => {
      const { store, jane, joe } = await make()
      await store.put(jane, grantRecord())
      await store.put(joe, grantRecord())
      const leases = await Promise.all(Array.from({ length: 20 }, (_, index) => store.lease(jane, `h${index}`, 60_000)))
      expect(leases.filter(Boolean)).toHaveLength(1)
      const holder = `h${leases.indexOf(true)}`
      expect(await store.lease(joe, 'other', 60_000)).toBe(true)
      expect(await store.lease(jane, holder, 60_000)).toBe(true)
      await store.release(jane, 'somebody else')
      expect(await store.lease(jane, 'next', 60_000)).toBe(false)
      await store.release(jane, holder)
      expect(await store.lease(jane, 'next', 60_000)).toBe(true)
    })

    it('OID-11: a lease survives the refresh it is for, and ends by itself or with the grant', async () => {
      const { store, jane, pass } = await make()
      expect(await store.lease(jane, 'a', 60_000)).toBe(false)
      await store.put(jane, grantRecord())
      expect(await store.lease(jane, 'a', 150)).toBe(true)
      await store.replace(jane, (await store.read(jane))!.version, grantRecord('refresh-2'))
      expect(await store.lease(jane, 'b', 60_000)).toBe(false)
      await pass(200)
      expect(await store.lease(jane, 'b', 60_000)).toBe(true)
      await store.put(jane, grantRecord('from a new login'))
      expect(await store.lease(jane, 'c', 60_000)).toBe(true)
    })
  })
}
