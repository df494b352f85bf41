import { BackendUnavailableError } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLockout, memoryLockoutStore } from '../src/index.ts'
import { attempt, passwordBackend, type Verdict } from './password-backend.ts'

const FREEZE_MS = 1500

const arrivals = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3000 })),
    name: fc.constantFrom('jane', 'jane@example.com', 'j.doe', 'joe', 'nobody'),
    secret: fc.oneof(
      { weight: 1, arbitrary: fc.constant('right') },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }).map((n) => `guess ${n}`) },
    ),
    process: fc.constantFrom(0, 1),
    source: fc.constantFrom('192.0.2.1', '198.51.100.1', '203.0.113.1'),
    takesMs: fc.constantFrom(0, 1, 25, 400, 2500),
    breaks: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    hangsUpAfterMs: fc.option(fc.integer({ min: 0, max: 500 })),
  }),
  { minLength: 1, maxLength: 60 },
)

const accountOf = (name: string): string | undefined =>
  name === 'nobody' ? undefined : name === 'joe' ? 'joe' : 'the account of jane'

it('LCK-03: on no schedule is anything verified during a freeze, at once with another, or forgotten in the line', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (schedule) => {
      const clock = fakeClock()
      const store = memoryLockoutStore({ clock })
      const lockouts = [createLockout({ store, clock }), createLockout({ store, clock })]
      const backend = passwordBackend({ accountOf })
      const underWay = new Set<string>()
      const refusedAt = new Map<string, number[]>()
      let ended = 0

      const tryOnce = async (arrival: (typeof schedule)[number]) => {
        const { process, name, secret, source, takesMs, breaks, hangsUpAfterMs } = arrival
        const account = accountOf(name) ?? name
        const budget = new AbortController()
        if (hangsUpAfterMs !== null) void clock.sleep(hangsUpAfterMs).then(() => budget.abort())
        const what = attempt(name, secret, { source, signal: budget.signal })
        const verify = async (reserve: (account?: string) => Promise<boolean>): Promise<Verdict> => {
          if (!(await reserve(accountOf(name)))) return { outcome: 'frozen' }
          expect(underWay.has(account)).toBe(false)
          expect(clock.monotonicMs()).toBeGreaterThan((refusedAt.get(account)?.at(-1) ?? -Infinity) + FREEZE_MS)
          underWay.add(account)
          await clock.sleep(takesMs)
          underWay.delete(account)
          if (breaks) throw new BackendUnavailableError('ldap_auth', 'is down')
          const verdict = await backend.verify(what)(async () => true)
          if (verdict.outcome === 'rejected')
            refusedAt.set(account, [...(refusedAt.get(account) ?? []), clock.monotonicMs()])
          return verdict
        }
        try {
          await lockouts[process]?.guard(what, verify)
        } catch (error) {
          expect(error).toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
        }
        ended += 1
      }

      const start = clock.monotonicMs()
      for (const arrival of schedule) {
        await clock.advance(arrival.afterMs)
        void tryOnce(arrival)
      }
      await clock.advance(schedule.length * 2500 + 1)
      expect(ended).toBe(schedule.length)
      for (const refusals of refusedAt.values()) {
        expect(refusals.length).toBeLessThanOrEqual(1 + ((refusals.at(-1) ?? start) - start) / FREEZE_MS)
      }
      // What watches the leases sleeps until the last one ends, and no longer.
      await clock.advance(15_000)
      expect(clock.pendingSleeps).toBe(0)
    }),
    { numRuns: 400 },
  )
})
