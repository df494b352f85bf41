import { systemClock } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { createHold } from '../src/held-answers.ts'
import { as, buildHouse } from './house.ts'

/** Whether a promise has settled by now. */
const watch = <T>(promise: Promise<T>) => {
  const state = { settled: false }
  const end = () => {
    state.settled = true
  }
  promise.then(end, end)
  return state
}

describe('held answers', () => {
  it('LCK-02: leave at their instant and not one tick sooner', async () => {
    const clock = fakeClock()
    const hold = createHold({ clock, maxHeld: 10 })
    const state = watch(hold(clock.monotonicMs() + 1500))
    await clock.advance(1499)
    expect(state.settled).toBe(false)
    await clock.advance(1)
    expect(state.settled).toBe(true)
  })

  it('LCK-02: are not held when their time has passed: a floor is no surcharge', async () => {
    const clock = fakeClock()
    await createHold({ clock, maxHeld: 0 })(clock.monotonicMs())
    expect(clock.pendingSleeps).toBe(0)
  })

  it('LCK-02: wait again when the timer fires a fraction too early', async () => {
    let now = 0
    const slept: number[] = []
    const clock = {
      monotonicMs: () => now,
      wallMs: () => 0,
      sleep: async (ms: number) => {
        slept.push(ms)
        now += ms - 0.5
      },
    }
    await createHold({ clock, maxHeld: 1 })(1500)
    expect(slept).toEqual([1500, 1])
    expect(now).toBeGreaterThanOrEqual(1500)
  })

  it('LCK-15: are capped; one more is refused with 503 at once, and a free place is used again', async () => {
    const clock = fakeClock()
    const hold = createHold({ clock, maxHeld: 2 })
    const until = clock.monotonicMs() + 1500
    const held = [hold(until), hold(until)]
    await expect(hold(until)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'held answers' })
    await clock.advance(1500)
    await Promise.all(held)
    const again = hold(clock.monotonicMs() + 1)
    await clock.advance(1)
    await again
  })

  it('LCK-15: leave at once on a stop signal, and none is held after it', async () => {
    const clock = fakeClock()
    const stop = new AbortController()
    const hold = createHold({ clock, maxHeld: 1, stopSignal: stop.signal })
    const held = hold(clock.monotonicMs() + 1500)
    stop.abort()
    await held
    await hold(clock.monotonicMs() + 1500)
    expect(clock.pendingSleeps).toBe(0)
  })

  it('LCK-15: 5000 of them take under 50 MB, keep no process alive and hold up nobody else', async () => {
    const stop = new AbortController()
    const { ask } = buildHouse({ clock: systemClock, stopSignal: stop.signal, maxHeld: 5000, freezeMs: 60_000 })
    await ask('/service/token?service=registry', as('jane'))
    const timersBefore = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const heapBefore = process.memoryUsage().heapUsed
    const held = Array.from({ length: 5000 }, (_, n) =>
      ask('/service/token', { headers: { authorization: `Bearer ${n}` } }),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    const oneMore = await ask('/service/token', { headers: { authorization: 'Bearer more' } })
    expect(oneMore.status).toBe(503)
    expect(oneMore.headers.get('retry-after')).toBe('5')
    expect((await ask('/service/token?service=registry', as('jane'))).status).toBe(200)
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(50 * 2 ** 20)
    // Timers that keep no process alive are not counted among the active ones.
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    expect(timers).toBeLessThanOrEqual(timersBefore)
    stop.abort()
    const statuses = new Set((await Promise.all(held)).map(({ status }) => status))
    expect([...statuses]).toEqual([401])
  })
})
