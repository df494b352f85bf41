import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { escalating, type FallbackOptions, type LockoutEvent, memoryLockoutStore, withFallback } from '../src/index.ts'
import { engine } from './engine.ts'

/** A shared store whose answers can be held back or refused, and two processes that use it. */
function setUp(options: Omit<FallbackOptions, 'clock' | 'onEvent'> = {}, policy = escalating({ after: 100 })) {
  const clock = fakeClock()
  const memory = memoryLockoutStore({ clock })
  const link = { calls: 0, state: 'up' as 'up' | 'slow' | 'down', slowMs: 60_000 }
  const shared = new Proxy(memory, {
    get(target, name: keyof typeof memory) {
      return async (...args: never[]) => {
        link.calls += 1
        if (link.state === 'down') throw new Error('connection refused')
        if (link.state === 'slow') await clock.sleep(link.slowMs)
        return (target[name] as (...args: never[]) => unknown)(...args)
      }
    },
  })
  const events: LockoutEvent[] = []
  const process = () => {
    const store = withFallback(shared, { clock, onEvent: (event) => events.push(event), ...options })
    return engine({ clock, store, policy, keepVerifiedSeconds: 0 })
  }
  return { clock, memory, link, events, here: process(), there: process() }
}

const types = (events: readonly LockoutEvent[]): readonly string[] => events.map(({ type }) => type)

describe('a shared store that is gone', () => {
  it('LCK-13: leaves the freeze of each process, and logins go on', async () => {
    const { link, here, there } = setUp()
    link.state = 'down'
    expect(await here.outcome('jane', 'wrong')).toBe('rejected')
    expect(await here.outcome('jane', 'right')).toBe('frozen')
    expect(await there.outcome('jane', 'right')).toBe('authenticated')
    expect(await here.outcome('joe', 'right')).toBe('authenticated')
  })

  it('LCK-13: alarms once, and says so when it is back', async () => {
    const { clock, link, events, here } = setUp()
    await here.outcome('jane', 'right')
    expect(types(events)).toEqual([])
    link.state = 'down'
    for (let n = 0; n < 20; n += 1) await here.outcome(`name ${n}`, 'right')
    expect(types(events)).toEqual(['store_lost'])
    link.state = 'up'
    await clock.advance(1001)
    await here.outcome('jane', 'right')
    await here.outcome('joe', 'right')
    expect(types(events)).toEqual(['store_lost', 'store_back'])
  })

  it('LCK-13: is asked again by one call a second, not by all', async () => {
    const { clock, link, here } = setUp()
    link.state = 'down'
    await here.outcome('jane', 'right')
    link.calls = 0
    for (let n = 0; n < 100; n += 1) {
      await here.outcome(`name ${n}`, 'right')
      await clock.advance(100)
    }
    expect(link.calls).toBeGreaterThanOrEqual(5)
    expect(link.calls).toBeLessThanOrEqual(10)
  })

  it('LCK-13: locks everybody out only where the operator wants that', async () => {
    const { link, events, here } = setUp({ whenLost: 'deny' })
    link.state = 'down'
    await expect(here.guard('jane', 'right')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(here.backend.started).toBe(0)
    expect(events[0]?.message).toContain('every attempt fails until it answers again')
  })

  it('LCK-13: does not thaw what was frozen before, in the process that froze it', async () => {
    const { link, here } = setUp()
    await here.outcome('jane', 'wrong')
    link.state = 'down'
    expect(await here.outcome('jane', 'right')).toBe('frozen')
  })

  it('LCK-13: does not thaw, when it is back, what was frozen meanwhile', async () => {
    const { clock, link, here } = setUp({ retryAfterMs: 100 })
    link.state = 'down'
    await here.outcome('jane', 'wrong')
    link.state = 'up'
    await clock.advance(500)
    expect(await here.outcome('jane', 'right')).toBe('frozen')
    expect(here.lockout.counters()).toMatchObject({ frozen: 1 })
    expect(await here.lockout.list()).toHaveLength(2)
    await clock.advance(1001)
    expect(await here.outcome('jane', 'right')).toBe('authenticated')
  })

  it('LCK-13: cannot be flapped into more guesses', async () => {
    const { clock, link, here } = setUp({ retryAfterMs: 50 })
    const start = clock.monotonicMs()
    for (let n = 0; n < 300; n += 1) {
      link.state = n % 2 === 0 ? 'down' : 'up'
      await here.outcome('jane', `guess ${n}`)
      await clock.advance(100)
    }
    expect(here.backend.refused).toBeLessThanOrEqual(1 + (clock.monotonicMs() - start) / 1500)
    expect(here.backend.refused).toBeGreaterThan(15)
  })

  it('LCK-13: keeps the count of failures', async () => {
    const { clock, link, here } = setUp({ retryAfterMs: 50 }, escalating({ after: 0 }))
    await here.outcome('jane', 'first')
    await clock.advance(3001)
    link.state = 'down'
    await here.outcome('jane', 'second')
    expect((await here.lockout.list())[0]).toMatchObject({ failures: 2, forMs: 6000 })
  })

  it('LCK-13: keeps its own marks', async () => {
    const { clock, memory } = setUp()
    const store = withFallback(memory, { clock })
    await store.mark('a key', 1000)
    await memory.mark('a key', 0)
    expect(await store.isMarked('a key')).toBe(true)
  })

  it('says that a lock was cleared in one process alone', async () => {
    const { link, here } = setUp()
    await here.outcome('jane', 'wrong')
    link.state = 'down'
    await expect(here.lockout.clear()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(await here.outcome('jane', 'right')).toBe('authenticated')
  })
})

describe('a shared store that is slow', () => {
  it('LCK-13: is waited for 250 ms, and by the first alone', async () => {
    const { clock, link, here } = setUp()
    link.state = 'slow'
    let ended = 0
    void here.outcome('jane', 'right').then(() => (ended += 1))
    await clock.advance(249)
    expect(ended).toBe(0)
    await clock.advance(1)
    expect(ended).toBe(1)
    expect(await here.outcome('joe', 'right')).toBe('authenticated')
  })

  it('LCK-13: is tried again by one call, which the others do not wait for', async () => {
    const { clock, link, here } = setUp()
    link.state = 'slow'
    const first = here.outcome('jane', 'right')
    await clock.advance(250 + 1000)
    await first
    link.calls = 0
    const ended: string[] = []
    for (let n = 0; n < 10; n += 1) void here.outcome(`name ${n}`, 'right').then((outcome) => ended.push(outcome))
    await clock.advance(0)
    expect(ended).toHaveLength(9)
    expect(link.calls).toBe(1)
    await clock.advance(250)
    expect(ended).toHaveLength(10)
  })

  it('LCK-13: is not slow within its budget', async () => {
    const { clock, link, events, here } = setUp()
    link.state = 'slow'
    link.slowMs = 240
    const answer = here.outcome('jane', 'wrong')
    await clock.advance(1000)
    expect(await answer).toBe('rejected')
    expect(types(events)).toEqual([])
  })

  it('LCK-13: holds no key that it granted too late', async () => {
    const { clock, memory, link, here, there } = setUp()
    link.state = 'slow'
    link.slowMs = 400
    const answer = here.outcome('jane', 'right')
    await clock.advance(300)
    expect(await answer).toBe('authenticated')
    await clock.advance(1000)
    link.state = 'up'
    expect(await there.outcome('jane', 'right')).toBe('authenticated')
    expect(await memory.list(10)).toEqual([])
  })
})
