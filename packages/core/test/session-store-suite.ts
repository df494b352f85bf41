import { describe, expect, it } from 'vitest'
import {
  type Clock,
  MAX_SESSIONS_OF_ACCOUNT,
  SESSION_PURPOSE,
  type SessionRecord,
  type SessionStore,
  takeOnce,
} from '../src/index.ts'

/** What the suite works with: a store without records, and the clock that it reads. */
export interface SessionSubject {
  readonly store: SessionStore
  readonly clock: Clock & { advance(ms: number): Promise<void> }
}

const HOUR = 3_600_000

/** What every store of sessions keeps to. */
export function sessionStoreSuite(make: () => Promise<SessionSubject>): void {
  const record = ({ clock }: SessionSubject, changes: Partial<SessionRecord> = {}): SessionRecord => {
    const now = clock.wallMs()
    const times = { createdAt: now, lastSeenAt: now, expiresAt: now + HOUR }
    return { purpose: SESSION_PURPOSE, mode: 'oidc_auth', accountId: 7, ...times, ...changes }
  }
  const idsOf = async ({ store }: SessionSubject, accountId = 7) =>
    (await store.listByAccount(accountId)).map(({ id }) => id)

  describe('a store of sessions', () => {
    it('gives back what was kept, whole', async () => {
      const house = await make()
      const whole = record(house, {
        accountVersion: 'v1',
        provider: { issuer: 'https://idp.test', subject: 'jane-1', session: 'sid-1' },
        userAgent: 'Chromium "é"',
        source: '192.0.2.1',
        data: { state: 'x' },
      })
      await house.store.set('a', whole)
      expect(await house.store.get('a')).toEqual(whole)
      expect(await house.store.listByAccount(7)).toEqual([{ ...whole, id: 'a' }])
      const least = { purpose: 'oidc', mode: 'm', createdAt: 1, lastSeenAt: 1, expiresAt: whole.expiresAt }
      await house.store.set('b', least)
      expect(await house.store.get('b')).toEqual(least)
    })

    it('SES-01: knows nothing of an id that was never kept, nor of another spelling', async () => {
      const house = await make()
      await house.store.set('abc', record(house))
      for (const id of ['', 'ABC', 'ab', 'abc ', 'a%', 'x'.repeat(5000)]) {
        expect(await house.store.get(id)).toBeUndefined()
        expect(await house.store.delete(id)).toBe(false)
      }
    })

    it('SES-03: ends a session at the instant it expires', async () => {
      const house = await make()
      await house.store.set('a', record(house))
      await house.clock.advance(HOUR - 1)
      expect(await house.store.get('a')).toBeDefined()
      await house.clock.advance(1)
      expect(await house.store.get('a')).toBeUndefined()
      expect(await idsOf(house)).toEqual([])
      expect(await house.store.touch('a', { lastSeenAt: 0, expiresAt: house.clock.wallMs() + HOUR })).toBe(false)
      expect(await house.store.delete('a')).toBe(false)
    })

    it('SES-03: keeps a session that is used, and never brings back one that was ended', async () => {
      const house = await make()
      const { store, clock } = house
      await store.set('a', record(house))
      const times = { lastSeenAt: clock.wallMs() + 5, expiresAt: clock.wallMs() + 2 * HOUR }
      expect(await store.touch('a', times)).toBe(true)
      expect(await store.get('a')).toEqual(record(house, times))
      await store.delete('a')
      expect(await store.touch('a', times)).toBe(false)
      expect(await store.get('a')).toBeUndefined()
    })

    it('OID-02: lets one of many take a record that works once', async () => {
      const house = await make()
      await house.store.set('once', record(house, { purpose: 'oidc-login' }))
      const takes = await Promise.all(Array.from({ length: 20 }, () => takeOnce(house.store, 'once', 'oidc-login')))
      expect(takes.filter((taken) => taken !== undefined)).toHaveLength(1)
      expect(await house.store.get('once')).toBeUndefined()
    })

    it('OID-03: gives no record to who asks for another purpose, and leaves it where it is', async () => {
      const house = await make()
      await house.store.set('once', record(house, { purpose: 'oidc-login' }))
      for (const purpose of [SESSION_PURPOSE, 'OIDC-LOGIN', '', 'oidc-login ']) {
        expect(await takeOnce(house.store, 'once', purpose)).toBeUndefined()
      }
      expect(await takeOnce(house.store, 'once', 'oidc-login')).toBeDefined()
    })

    it('lists the sessions of one account, the last used first, and no step that is under way', async () => {
      const house = await make()
      const { store, clock } = house
      await store.set('old', record(house, { lastSeenAt: clock.wallMs() - 5 }))
      await store.set('new', record(house))
      await store.set('theirs', record(house, { accountId: 8 }))
      await store.set('step', record(house, { purpose: 'onboarding' }))
      expect(await idsOf(house)).toEqual(['new', 'old'])
      expect(await idsOf(house, 9)).toEqual([])
    })

    it('has only so many sessions of one account: one more ends the one used longest ago', async () => {
      const house = await make()
      const { store, clock } = house
      const now = clock.wallMs()
      for (let i = 0; i < MAX_SESSIONS_OF_ACCOUNT; i++) await store.set(`s${i}`, record(house, { lastSeenAt: now + i }))
      await store.set('theirs', record(house, { accountId: 8, lastSeenAt: 0 }))
      await store.set('step', record(house, { purpose: 'onboarding', lastSeenAt: 0 }))
      expect(await store.get('s0')).toBeDefined()
      await store.set('one more', record(house, { lastSeenAt: now }))
      expect(await idsOf(house)).toHaveLength(MAX_SESSIONS_OF_ACCOUNT)
      expect(await store.get('s0')).toBeUndefined()
      for (const id of ['s1', 'one more', 'theirs', 'step']) expect(await store.get(id), id).toBeDefined()
    })

    it('SES-03: ends all sessions of an account, or all but one', async () => {
      const house = await make()
      for (const id of ['a', 'b', 'c']) await house.store.set(id, record(house))
      await house.store.set('theirs', record(house, { accountId: 8 }))
      expect(await house.store.deleteByAccount(7, 'b')).toBe(2)
      expect(await idsOf(house)).toEqual(['b'])
      expect(await house.store.deleteByAccount(7)).toBe(1)
      expect(await house.store.deleteByAccount(7)).toBe(0)
      expect(await idsOf(house, 8)).toEqual(['theirs'])
    })

    it('ends the sessions that a sign-out notice names: one, or all of a subject', async () => {
      const house = await make()
      const { store } = house
      const issuer = 'https://idp.test'
      const put = (id: string, provider: SessionRecord['provider']) =>
        store.set(id, record(house, provider ? { provider } : {}))
      await put('a', { issuer, subject: 'jane', session: '1' })
      await put('b', { issuer, subject: 'jane', session: '2' })
      await put('other subject', { issuer, subject: 'Jane', session: '3' })
      await put('other issuer', { issuer: 'https://other.test', subject: 'jane', session: '1' })
      await put('local', undefined)

      expect(await store.deleteByProvider({ issuer })).toBe(0)
      expect(await store.deleteByProvider({ issuer, subject: 'jane', session: '9' })).toBe(0)
      expect(await store.deleteByProvider({ issuer, subject: 'jane', session: '1' })).toBe(1)
      expect((await idsOf(house)).toSorted()).toEqual(['b', 'local', 'other issuer', 'other subject'])
      expect(await store.deleteByProvider({ issuer, subject: 'jane' })).toBe(1)
      expect((await idsOf(house)).toSorted()).toEqual(['local', 'other issuer', 'other subject'])
    })

    it('is not changed by who changes what they gave or got', async () => {
      const house = await make()
      const given = { ...record(house) }
      await house.store.set('a', given)
      Object.assign(given, { accountId: 1 })
      const got = await house.store.get('a')
      expect(Reflect.set(got ?? {}, 'accountId', 1) && (await house.store.get('a'))?.accountId).not.toBe(1)
      expect((await house.store.get('a'))?.accountId).toBe(7)
    })
  })
}
