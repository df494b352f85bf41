import assert from 'node:assert/strict'
import type { Rule } from '../contract.ts'
import { assertWithin } from './reservation-rules.ts'
import { digest, LONG_MS, type StoreUnderTest } from './subject.ts'

const MEMORY_MS = 800
const LEASE_MS = 300
const FREEZE_MS = 300
const trace = (failures: number, rememberMs = LONG_MS) => ({ failures, rememberMs, source: '192.0.2.1' })
const granted = (failures: number) => ({ outcome: 'granted', failures })

/** What is remembered beyond a freeze, and what the operator sees. */
export const MEMORY_RULES: readonly Rule<StoreUnderTest>[] = [
  {
    name: 'remembers failures for as long as told, and no longer',
    async check({ store, a, b, one, two, freeze, passNearly, passTheRest }) {
      await freeze(b, FREEZE_MS, trace(3, MEMORY_MS))
      await store.reserve([a], one, LONG_MS)
      await store.settle([a], one, 0, trace(7, MEMORY_MS))
      await passNearly(MEMORY_MS)
      assert.deepEqual(await store.reserve([a], two, LONG_MS), granted(7))
      await store.settle([a], two, 0)
      await passTheRest()
      assert.deepEqual(await store.reserve([a], two, LONG_MS), granted(0))
      assert.deepEqual(await store.reserve([b], two, LONG_MS), granted(0), 'counted from the call, not from the thaw')
    },
  },
  {
    name: 'tells the most failures of any of the keys',
    async check({ store, a, b, one }) {
      for (const [key, failures] of [
        [a, 3],
        [b, 5],
      ] as const) {
        await store.reserve([key], one, LONG_MS)
        await store.settle([key], one, 0, trace(failures))
      }
      assert.deepEqual(await store.reserve([a, b, digest()], one, LONG_MS), granted(5))
    },
  },
  {
    name: 'keeps what it remembers when it is told nothing, and forgets when told that there are no failures',
    async check({ store, a, one }) {
      await store.reserve([a], one, LONG_MS)
      await store.settle([a], one, 0, trace(4))
      assert.deepEqual(await store.reserve([a], one, LONG_MS), granted(4))
      await store.settle([a], one, 0)
      assert.deepEqual(await store.reserve([a], one, LONG_MS), granted(4))
      await store.settle([a], one, 0, trace(0))
      assert.deepEqual(await store.reserve([a], one, LONG_MS), granted(0))
    },
  },
  {
    name: 'lets a holder whose lease ran out raise a count, and neither lower nor end it',
    async check({ store, a, one, advance, freeze }) {
      const late = async (failures: number, freezeMs: number) => {
        const answer = await store.reserve([a], one, LEASE_MS)
        await advance(LEASE_MS * 2)
        await store.settle([a], one, freezeMs, trace(failures))
        await advance(freezeMs + 2)
        return answer
      }
      await freeze(a, FREEZE_MS, trace(6))
      await advance(FREEZE_MS + 1)
      const answers = [await late(0, 0), await late(1, FREEZE_MS), await late(9, FREEZE_MS), await late(0, 0)]
      assert.deepEqual(answers, [granted(6), granted(6), granted(6), granted(9)])
    },
  },
  {
    name: 'keeps a mark for as long as told, apart from freezes and reservations',
    async check({ store, a, b, one, state, passNearly, passTheRest }) {
      await store.reserve([b], one, LONG_MS)
      const again = digest()
      await store.mark(again, MEMORY_MS / 2)
      await store.mark(a, MEMORY_MS)
      await store.mark(again, MEMORY_MS)
      assert.deepEqual([await store.isMarked(a), await store.isMarked(b)], [true, false])
      assert.equal(await state(a), 'granted')
      await store.clear([a])
      await passNearly(MEMORY_MS)
      assert.deepEqual([await store.isMarked(a), await store.isMarked(again)], [true, true])
      await passTheRest()
      assert.equal(await store.isMarked(a), false)
    },
  },
  {
    name: 'lists the freezes that run, with what is known of them',
    async check({ store, a, b, one, toleranceMs, advance, freeze }) {
      await freeze(a, LONG_MS, { failures: 2, rememberMs: 0, source: '192.0.2.7' })
      await freeze(digest(), FREEZE_MS)
      await store.reserve([b], one, LONG_MS)
      await advance(600)
      const [listed, ...others] = await store.list(10)
      assert.deepEqual(others, [], 'what ended or is only reserved must not be listed')
      assert.deepEqual([listed?.key, listed?.failures, listed?.source], [a, 2, '192.0.2.7'])
      assertWithin(listed?.sinceMs, 600, 600 + toleranceMs)
      assertWithin(listed?.forMs, LONG_MS - 600 - toleranceMs, LONG_MS - 600)
    },
  },
  {
    name: 'lists no more freezes than asked for, those that end last first',
    async check({ store, a, b, freeze }) {
      await freeze(a, LONG_MS)
      await freeze(digest(), LONG_MS / 3)
      await freeze(b, LONG_MS * 2)
      const listed = await store.list(2)
      assert.deepEqual(
        listed.map(({ key }) => key),
        [b, a],
      )
    },
  },
  {
    name: 'ends freezes and forgets failures when it is told to clear, and keeps reservations',
    async check({ store, a, b, one, state, freeze }) {
      const last = digest()
      await freeze(a, LONG_MS, trace(9))
      await freeze(last, LONG_MS)
      await store.reserve([b], one, LONG_MS)
      await store.clear([a, b, last])
      assert.deepEqual(await store.list(10), [])
      assert.deepEqual(await store.reserve([a], one, LONG_MS), granted(0))
      assert.equal(await state(b), 'busy', 'a clear must not let two try at once')
    },
  },
]
