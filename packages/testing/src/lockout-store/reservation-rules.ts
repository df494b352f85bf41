import assert from 'node:assert/strict'
import type { Reservation } from '@lockkeeper/lockout'
import type { Rule } from '../contract.ts'
import { digest, LONG_MS, type StoreUnderTest } from './subject.ts'

const LEASE_MS = 800

/** Who may try, one at a time. */
export const RESERVATION_RULES: readonly Rule<StoreUnderTest>[] = [
  {
    name: 'grants what nobody holds, with no failures remembered',
    async check({ store, a, b, one }) {
      assert.deepEqual(await store.reserve([a, b], one, LONG_MS), { outcome: 'granted', failures: 0 })
    },
  },
  {
    name: 'calls a key busy while another holds it, and says for how long',
    async check({ store, a, b, one, two, three, toleranceMs }) {
      await store.reserve([a], one, LEASE_MS)
      const answer = await store.reserve([a], two, LONG_MS)
      assert.equal(answer.outcome, 'busy')
      assertWithin(forMsOf(answer), LEASE_MS - toleranceMs, LEASE_MS)
      await store.reserve([b], two, LONG_MS)
      for (const keys of [
        [a, b],
        [b, a],
      ]) {
        assertWithin(forMsOf(await store.reserve(keys, three, LONG_MS)), LONG_MS - toleranceMs, LONG_MS)
      }
    },
  },
  {
    name: 'LCK-05: holds every key that it grants',
    async check({ store, a, b, one, state }) {
      await store.reserve([a, b], one, LONG_MS)
      assert.deepEqual([await state(a), await state(b)], ['busy', 'busy'])
    },
  },
  {
    name: 'LCK-03: takes all keys or none',
    async check({ store, a, b, one, two, state }) {
      await store.reserve([b], one, LONG_MS)
      await store.reserve([a, b], two, LONG_MS)
      assert.equal(await state(a), 'granted', 'a reservation that failed must leave nothing behind')
    },
  },
  {
    name: 'LCK-03: grants a key to exactly one of many who ask at once',
    async check({ store, a, b }) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => store.reserve(index % 2 ? [a, b] : [b, a], digest(), LONG_MS)),
      )
      const granted = answers.filter(({ outcome }) => outcome === 'granted')
      assert.equal(granted.length, 1, `${granted.length} of ${answers.length} were granted the same keys`)
    },
  },
  {
    name: 'lets a holder reserve again what it holds, and starts its lease anew',
    async check({ store, a, one, state, passNearly }) {
      await store.reserve([a], one, LEASE_MS)
      await passNearly(LEASE_MS)
      assert.equal((await store.reserve([a], one, LEASE_MS)).outcome, 'granted')
      await passNearly(LEASE_MS)
      assert.equal(await state(a), 'busy', 'the lease must count from the second reservation')
    },
  },
  {
    name: 'frees every key that is settled without a freeze',
    async check({ store, a, b, one, state }) {
      await store.reserve([a, b], one, LONG_MS)
      await store.settle([a, b], one, 0)
      assert.deepEqual([await state(a), await state(b)], ['granted', 'granted'])
    },
  },
  {
    name: 'frees the keys of a holder that died when its lease ends, and not before',
    async check({ store, a, one, state, passNearly, passTheRest }) {
      await store.reserve([a], one, LEASE_MS)
      await passNearly(LEASE_MS)
      assert.equal(await state(a), 'busy')
      await passTheRest()
      assert.equal(await state(a), 'granted')
    },
  },
  {
    name: 'leaves a reservation alone that somebody else settles',
    async check({ store, a, one, two, state }) {
      await store.reserve([a], one, LONG_MS)
      await store.settle([a], two, 0)
      assert.equal(await state(a), 'busy')
    },
  },
]

/** Checks milliseconds that a store tells. */
export function assertWithin(ms: number | undefined, least: number, most: number): void {
  assert.ok(ms !== undefined && ms >= least && ms <= most, `expected ${least} to ${most} ms, not ${ms}`)
}

/** How long an answer says to wait. */
export const forMsOf = (answer: Reservation): number | undefined => ('forMs' in answer ? answer.forMs : undefined)
