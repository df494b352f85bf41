import assert from 'node:assert/strict'
import type { Rule } from '../contract.ts'
import { assertWithin, forMsOf } from './reservation-rules.ts'
import { LONG_MS, type StoreUnderTest } from './subject.ts'

const FREEZE_MS = 800
const LEASE_MS = 400

/** Who must wait after a refusal, and for how long. */
export const FREEZE_RULES: readonly Rule<StoreUnderTest>[] = [
  {
    name: 'LCK-01: freezes every key that is settled so, for exactly as long as told',
    async check({ store, a, b, one, state, advance, toleranceMs }) {
      await store.reserve([a, b], one, LONG_MS)
      await store.settle([a, b], one, FREEZE_MS)
      await advance(FREEZE_MS - toleranceMs)
      assert.deepEqual([await state(a), await state(b)], ['frozen', 'frozen'], 'the last instant is frozen too')
      await advance(toleranceMs * 2 + 1)
      assert.deepEqual([await state(a), await state(b)], ['granted', 'granted'])
    },
  },
  {
    name: 'says for how long a key stays frozen',
    async check({ store, a, b, two, freeze, toleranceMs }) {
      await freeze(a, FREEZE_MS)
      assertWithin(forMsOf(await store.reserve([a], two, LONG_MS)), FREEZE_MS - toleranceMs, FREEZE_MS)
      await freeze(b, LONG_MS)
      for (const keys of [
        [a, b],
        [b, a],
      ]) {
        assertWithin(forMsOf(await store.reserve(keys, two, LONG_MS)), LONG_MS - toleranceMs, LONG_MS)
      }
    },
  },
  {
    name: 'LCK-02: does not freeze longer for those who ask meanwhile',
    async check({ a, state, freeze, passNearly, passTheRest }) {
      await freeze(a, FREEZE_MS)
      await passNearly(FREEZE_MS)
      for (let attempt = 0; attempt < 5; attempt++) await state(a)
      await passTheRest()
      assert.equal(await state(a), 'granted')
    },
  },
  {
    name: 'says frozen before busy',
    async check({ store, a, b, one, state, freeze }) {
      await freeze(a, LONG_MS)
      await store.reserve([b], one, LONG_MS)
      assert.deepEqual([await state(b, a), await state(a, b)], ['frozen', 'frozen'])
    },
  },
  {
    name: 'takes no other key along with a frozen one',
    async check({ store, a, b, one, state, freeze }) {
      await freeze(a, LONG_MS)
      await store.reserve([b, a], one, LONG_MS)
      assert.equal(await state(b), 'granted')
    },
  },
  {
    name: 'never shortens or ends a freeze that runs, whoever settles',
    async check({ store, a, one, two, state, freeze, advance }) {
      await freeze(a, LONG_MS)
      await store.settle([a], one, FREEZE_MS)
      await store.settle([a], two, 0)
      await advance(FREEZE_MS + 1)
      assert.equal(await state(a), 'frozen')
    },
  },
  {
    name: 'freezes for longer when a later refusal says so',
    async check({ store, a, one, state, advance, toleranceMs }) {
      await store.reserve([a], one, LONG_MS)
      await store.settle([a], one, FREEZE_MS)
      await store.settle([a], one, LONG_MS)
      await advance(FREEZE_MS + toleranceMs + 1)
      assert.equal(await state(a), 'frozen')
    },
  },
  {
    name: 'freezes for a holder whose lease ran out, and leaves the next holder its reservation',
    async check({ store, a, b, one, two, state, advance }) {
      await store.reserve([a, b], one, LEASE_MS)
      await advance(LEASE_MS * 2)
      await store.reserve([a, b], two, LONG_MS)
      for (const key of [a, b]) await store.settle([key], one, FREEZE_MS)
      assert.equal(await state(a), 'frozen', 'a refusal counts, however late')
      await store.settle([b], two, 0)
      assert.equal(await state(b), 'frozen', 'the next holder ends its reservation, and no freeze')
      await advance(FREEZE_MS + 1)
      assert.equal(await state(a), 'busy', 'the second holder has not settled')
    },
  },
]
