import { memoryLockoutStore } from '@lockkeeper/lockout'
import { describe, expect, it } from 'vitest'
import { fakeClock, lockoutStoreContract } from '../src/index.ts'
import { BROKEN_STORES } from './broken-stores.ts'
import { failedRules, ruleNames } from './collect.ts'
import { SampleStore } from './sample-store.ts'

describe('the memory store passes', () => {
  lockoutStoreContract(
    { describe, it },
    {
      make() {
        const clock = fakeClock()
        return { store: memoryLockoutStore({ clock }), advance: (ms) => clock.advance(ms) }
      },
    },
  )
})

describe('a store whose clock goes on by itself passes, with tolerance', () => {
  lockoutStoreContract(
    { describe, it },
    {
      toleranceMs: 200,
      make() {
        const clock = fakeClock()
        const store = new SampleStore(clock)
        // Every question takes a while, as on a network.
        const ask = store.reserve.bind(store)
        store.reserve = async (...args) => {
          const answer = await ask(...args)
          await clock.advance(7)
          return answer
        }
        return { store, advance: (ms) => clock.advance(ms + 50) }
      },
    },
  )
})

describe('a store that breaks a rule fails that rule, and no other', () => {
  it.each(BROKEN_STORES)('%s: %s', async (rule, _what, breakIt) => {
    const make = () => {
      const clock = fakeClock()
      const store = new SampleStore(clock)
      breakIt(store)
      return { store, advance: (ms: number) => clock.advance(ms) }
    }
    const failed = await failedRules((runner) => lockoutStoreContract(runner, { make }))
    expect([...failed.keys()], [...failed.values()].join('\n')).toEqual([rule])
  })

  it('and every rule is broken by one', () => {
    const make = () => ({ store: new SampleStore(fakeClock()), advance: async () => {} })
    const rules = ruleNames((runner) => lockoutStoreContract(runner, { make }))
    expect(new Set(BROKEN_STORES.map(([rule]) => rule))).toEqual(new Set(rules))
  })
})
