import { describe, expect, it } from 'vitest'
import { MAX_SECRETS_OF_ACCOUNT, type NamedSecretStore, type StoredNamedSecret } from '../src/index.ts'

/** What the suite works with: a store, and two accounts without secrets. */
export interface NamedSecretSubject {
  readonly store: NamedSecretStore
  readonly jane: number
  readonly joe: number
}

const MINUTE = 60_000
const NOW = Date.UTC(2026, 0, 1)
let made = 0

/** A row with an id of its own. */
const row = (accountId: number, changes: Partial<StoredNamedSecret> = {}): StoredNamedSecret => {
  made += 1
  const id = `Id${String(made).padStart(10, '0')}`
  return { id, accountId, name: `laptop ${made}`, createdAt: NOW + made, digest: 'a1'.repeat(32), ...changes }
}

/** What every store of CLI secrets keeps to. */
export function namedSecretSuite(make: () => Promise<NamedSecretSubject>): void {
  const shown = ({ digest: _, ...secret }: StoredNamedSecret) => secret

  describe('a store of CLI secrets', () => {
    it('gives back what was added, whole', async () => {
      const { store, jane } = await make()
      const whole = row(jane, { name: 'Büro "CI"', expiresAt: NOW + MINUTE })
      const least = row(jane)
      await store.add(whole)
      await store.add(least)
      expect(await store.find(whole.id)).toEqual(whole)
      expect(await store.find(least.id)).toEqual(least)
    })

    it('CHN-05: lists the secrets of one account, the newest first, without their digests', async () => {
      const { store, jane, joe } = await make()
      const [first, second, theirs] = [row(jane), row(jane), row(joe)]
      for (const each of [first, second, theirs]) await store.add(each)
      expect(await store.list(jane)).toEqual([shown(second), shown(first)])
      expect(await store.list(joe)).toEqual([shown(theirs)])
      expect(await store.list(1_000_000)).toEqual([])
    })

    it('MCH-03: finds by the exact id', async () => {
      const { store, jane } = await make()
      const secret = row(jane, { id: 'AbCdEf_%0001' })
      await store.add(secret)
      for (const id of ['abcdef_%0001', 'AbCdEf_%', '%', 'AbCdEf__0001', 'AbCdEf_%0001 ', '']) {
        expect(await store.find(id)).toBeUndefined()
      }
    })

    it('has one secret of a name for an account at a time', async () => {
      const { store, jane, joe } = await make()
      const first = row(jane, { name: 'laptop' })
      await store.add(first)
      await expect(store.add(row(jane, { name: 'laptop' }))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      await store.add(row(joe, { name: 'laptop' }))
      await store.revoke(jane, first.id, NOW)
      await store.add(row(jane, { name: 'laptop' }))
    })

    it('holds only so many for an account, and has room again after one was revoked', async () => {
      const { store, jane } = await make()
      const all = Array.from({ length: MAX_SECRETS_OF_ACCOUNT }, () => row(jane))
      for (const each of all) await store.add(each)
      await expect(store.add(row(jane))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      await store.revoke(jane, all[0]!.id, NOW)
      await store.add(row(jane))
    })

    it('revokes for the owner alone, and once', async () => {
      const { store, jane, joe } = await make()
      const secret = row(jane)
      await store.add(secret)
      expect(await store.revoke(joe, secret.id, NOW)).toBe(false)
      expect((await store.find(secret.id))?.revokedAt).toBeUndefined()
      expect(await store.revoke(jane, secret.id, NOW + 5)).toBe(true)
      expect(await store.revoke(jane, secret.id, NOW + 9)).toBe(false)
      expect(await store.find(secret.id)).toEqual({ ...secret, revokedAt: NOW + 5 })
      expect(await store.list(jane)).toEqual([])
    })

    it('notes the last use at most once a minute', async () => {
      const { store, jane } = await make()
      const secret = row(jane)
      await store.add(secret)
      const seen = async (at: number) => {
        await store.touch(secret.id, at)
        return (await store.find(secret.id))?.lastUsedAt
      }
      expect(await seen(NOW)).toBe(NOW)
      expect(await seen(NOW + MINUTE - 1)).toBe(NOW)
      expect(await seen(NOW + MINUTE)).toBe(NOW + MINUTE)
      expect(await seen(NOW)).toBe(NOW + MINUTE)
      await store.touch('nobody', NOW)
    })
  })
}
