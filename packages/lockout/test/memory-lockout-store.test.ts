import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { memoryLockoutStore } from '../src/index.ts'
import { lockKey } from '../src/keys.ts'

const key = (name: string): string => lockKey({ space: 'people', name })
const trace = (failures: number, rememberMs = 0) => ({ failures, rememberMs, source: '192.0.2.1' })

function setUp(maxEntries?: number) {
  const clock = fakeClock()
  const store = memoryLockoutStore({ clock, ...(maxEntries !== undefined && { maxEntries }) })
  const refuse = async (name: string, freezeMs = 1500, failures = 1, rememberMs = 0) => {
    await store.reserve([key(name)], name, 10_000)
    await store.settle([key(name)], name, freezeMs, trace(failures, rememberMs))
  }
  const state = async (name: string) => {
    const { outcome } = await store.reserve([key(name)], 'probe', 1)
    await store.settle([key(name)], 'probe', 0)
    return outcome
  }
  return { clock, store, refuse, state }
}

describe('a full table', () => {
  it('LCK-11: drops first what is over, and of that what ended first', async () => {
    const { clock, store, refuse } = setUp(3)
    await refuse('short', 1000, 3, 60_000)
    await refuse('middle', 2000, 5, 60_000)
    await refuse('long', 30_000)
    await clock.advance(2001)
    await refuse('fourth')
    expect(await store.reserve([key('middle')], 'holder', 10)).toEqual({ outcome: 'granted', failures: 5 })
    expect(await store.reserve([key('short')], 'holder', 10)).toEqual({ outcome: 'granted', failures: 0 })
    expect(await store.reserve([key('long')], 'holder', 10)).toMatchObject({ outcome: 'frozen' })
  })

  it('LCK-11: never ends a freeze that runs: what finds no room shares a bucket, and is frozen all the same', async () => {
    const { clock, store, refuse, state } = setUp(100)
    for (let n = 0; n < 1000; n += 1) await refuse(`name ${n}`)
    for (let n = 0; n < 1000; n += 1) expect(await state(`name ${n}`)).toBe('frozen')
    expect((await store.list(10_000)).length).toBeLessThanOrEqual(100 + 1024)

    await clock.advance(1501)
    for (let n = 0; n < 1000; n += 1) expect(await state(`name ${n}`)).toBe('granted')
    expect(await store.list(10_000)).toEqual([])
  })

  it('LCK-11: lets one at a time through a bucket too', async () => {
    const { store, refuse } = setUp(1)
    await refuse('occupier')
    expect(await store.reserve([key('late')], 'one', 500)).toEqual({ outcome: 'granted', failures: 0 })
    expect(await store.reserve([key('late')], 'two', 500)).toEqual({ outcome: 'busy', forMs: 500 })
    await store.settle([key('late')], 'one', 0)
    expect(await store.reserve([key('late')], 'two', 500)).toEqual({ outcome: 'granted', failures: 0 })
  })

  it('LCK-09: counts no failures in a bucket: they would be those of strangers', async () => {
    const { clock, store, refuse } = setUp(1)
    await refuse('occupier', 3000)
    await refuse('late', 1500, 4, 60_000)
    await clock.advance(1501)
    expect(await store.reserve([key('late')], 'holder', 10)).toEqual({ outcome: 'granted', failures: 0 })
  })

  it('LCK-11: a bucket thaws for the operator', async () => {
    const { store, refuse, state } = setUp(1)
    await refuse('occupier')
    await refuse('late')
    const keys = (await store.list(10)).map((freeze) => freeze.key)
    expect(keys).toHaveLength(2)
    await store.clear(keys)
    expect(await state('late')).toBe('granted')
  })

  it('LCK-11: keeps the newest marks', async () => {
    const { store } = setUp(2)
    for (const name of ['a', 'b', 'c']) await store.mark(name, 1000)
    expect(await Promise.all(['a', 'b', 'c'].map((name) => store.isMarked(name)))).toEqual([false, true, true])
  })

  it('LCK-11: a spray of a million names costs at most 64 MB, and a victim stays frozen throughout', async () => {
    const clock = fakeClock()
    const store = memoryLockoutStore({ clock })
    await store.settle([key('victim')], 'holder', 3_600_000, trace(20, 86_400_000))
    const before = heapUsed()
    for (let n = 0; n < 1_000_000; n += 1) {
      const keys = [sprayed(n)]
      await store.reserve(keys, 'attacker', 15_000)
      await store.settle(keys, 'attacker', 1500, trace(1, 86_400_000))
      if (n % 1000 === 0) await clock.advance(5)
      if (n % 50_000 === 0)
        expect(await store.reserve([key('victim')], 'owner', 10)).toMatchObject({ outcome: 'frozen' })
    }
    expect(heapUsed() - before).toBeLessThan(64 * 2 ** 20)
    expect(await store.reserve([key('victim')], 'owner', 10)).toMatchObject({ outcome: 'frozen' })
    expect(await store.reserve([sprayed(999_999)], 'owner', 10)).toMatchObject({ outcome: 'frozen' })
  }, 60_000)
})

/** As long as a digest, and sooner made. */
const sprayed = (n: number): string => n.toString(36).padEnd(43, '-')

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const heapUsed = (): number => {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
