import { SESSION_PURPOSE, type SessionRecord } from '@lockkeeper/core'
import { type FakeClock, fakeClock } from '@lockkeeper/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { sessionStoreSuite } from '../../core/test/session-store-suite.ts'
import { openDatabase, sqlSessions } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const TABLE = 'lockkeeper_session'

onEveryDatabase((fixture) => {
  beforeEach(async () => {
    await fixture.db.knex(TABLE).delete()
  })

  sessionStoreSuite(async () => {
    const clock = fakeClock()
    return { clock, store: sqlSessions(fixture.db, { clock }) }
  })

  const record = (clock: FakeClock, changes: Partial<SessionRecord> = {}): SessionRecord => {
    const now = clock.wallMs()
    return {
      ...{ purpose: SESSION_PURPOSE, mode: 'oidc_auth', createdAt: now, lastSeenAt: now, expiresAt: now + 60_000 },
      ...changes,
    }
  }
  const idsNow = async () => (await fixture.db.knex(TABLE).pluck('session_id')).toSorted()

  describe('the table of sessions', () => {
    it('is known to all processes', async () => {
      const options = await fixture.empty()
      const [here, there] = [openDatabase(options), openDatabase(options)]
      await here.migrate()
      const clock = fakeClock()
      await sqlSessions(here, { clock }).set('a', record(clock))
      const elsewhere = sqlSessions(there, { clock })
      expect(await elsewhere.get('a')).toBeDefined()
      expect(await elsewhere.delete('a')).toBe(true)
      expect(await sqlSessions(here, { clock }).get('a')).toBeUndefined()
      await Promise.all([here.close(), there.close()])
    })

    it('loses what expired, also when that is more than one batch', async () => {
      const clock = fakeClock()
      const store = sqlSessions(fixture.db, { clock })
      const over = Array.from({ length: 1200 }, (_, index) => ({
        ...{ session_id: `over ${index}`, purpose: 'step', last_seen_at: 0, expires_at: clock.wallMs(), record: '{}' },
      }))
      for (let at = 0; at < over.length; at += 100) await fixture.db.knex(TABLE).insert(over.slice(at, at + 100))
      await clock.advance(10_000)
      await store.set('alive', record(clock))
      await vi.waitFor(async () => expect(await idsNow()).toEqual(['alive']), 5000)
    })

    it('full of steps that anybody can begin, it loses the oldest of them and nobody who is signed in', async () => {
      const clock = fakeClock()
      const store = sqlSessions(fixture.db, { clock, maxSessions: 3 })
      const later = (ms: number) => ({ purpose: 'oidc-login', expiresAt: clock.wallMs() + ms })
      await store.set('jane', record(clock, { accountId: 7 }))
      for (const [id, ms] of Object.entries({ c: 300_000, a: 100_000, d: 400_000, b: 200_000 })) {
        await store.set(id, record(clock, later(ms)))
      }
      await clock.advance(10_000)
      await store.touch('jane', { lastSeenAt: clock.wallMs(), expiresAt: clock.wallMs() + 60_000 })
      await store.set('e', record(clock, later(500_000)))
      await vi.waitFor(async () => expect(await idsNow()).toEqual(['d', 'e', 'jane']), 5000)
    })

    it('full of people, it says so until there is room', async () => {
      const clock = fakeClock()
      const store = sqlSessions(fixture.db, { clock, maxSessions: 1 })
      for (const id of ['a', 'b', 'c']) await store.set(id, record(clock))
      await clock.advance(10_000)
      await store.set('d', record(clock))
      await vi.waitFor(
        () => expect(store.set('e', record(clock))).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' }),
        5000,
      )
      await clock.advance(60_000)
      await store.set('f', record(clock)).catch(() => {})
      await vi.waitFor(() => store.set('g', record(clock)), 5000)
    })

    it('takes no record without bounds, and no id that is none', async () => {
      const clock = fakeClock()
      const store = sqlSessions(fixture.db, { clock })
      const huge = record(clock, { data: { token: 'x'.repeat(70_000) } })
      await expect(store.set('a', huge)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
      const large = record(clock, { data: { token: 'x'.repeat(60_000) } })
      await store.set('a', large)
      expect(await store.get('a')).toEqual(large)
      await expect(store.set('', record(clock))).rejects.toThrow(TypeError)
      await expect(store.set('x'.repeat(129), record(clock))).rejects.toThrow(TypeError)
    })
  })
})
