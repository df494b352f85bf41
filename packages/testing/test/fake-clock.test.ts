import { describe, expect, it } from 'vitest'
import { fakeClock } from '../src/index.ts'

describe('fakeClock', () => {
  it('stands still until it is told to go on, and then moves both faces', async () => {
    const clock = fakeClock({ monotonicMs: 5, wallMs: 1_000_000 })
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([5, 1_000_000])
    await clock.advance(250)
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([255, 1_000_250])
  })

  it('moves the wall face alone, in both directions', () => {
    const clock = fakeClock({ monotonicMs: 5, wallMs: 1_000_000 })
    clock.moveWall(-3_600_000)
    expect([clock.monotonicMs(), clock.wallMs()]).toEqual([5, -2_600_000])
    clock.moveWall(3_600_001)
    expect(clock.wallMs()).toBe(1_000_001)
  })

  it('ends a sleep at its own millisecond and not before', async () => {
    const clock = fakeClock()
    const ended: string[] = []
    void clock.sleep(1500).then(() => ended.push('slept'))
    await clock.advance(1499)
    expect(ended).toEqual([])
    await clock.advance(1)
    expect(ended).toEqual(['slept'])
    expect(clock.pendingSleeps).toBe(0)
  })

  it('ends sleeps in the order they are due, each at its instant, those begun on the way included', async () => {
    const clock = fakeClock({ monotonicMs: 0 })
    const ended: [string, number][] = []
    const note = (name: string) => ended.push([name, clock.monotonicMs()])
    void clock.sleep(30).then(() => note('late'))
    void clock.sleep(10).then(async () => {
      note('early')
      await clock.sleep(10)
      note('begun on the way')
    })
    await clock.advance(100)
    expect(ended).toEqual([
      ['early', 10],
      ['begun on the way', 20],
      ['late', 30],
    ])
    expect(clock.monotonicMs()).toBe(100)
  })

  it('counts from the instant a sleep begins, also for code that is still on its way to it', async () => {
    const clock = fakeClock()
    let ended = false
    const work = async () => {
      for (let step = 0; step < 20; step++) await Promise.resolve()
      await clock.sleep(10)
      ended = true
    }
    void work()
    await clock.advance(10)
    expect(ended).toBe(true)
  })

  it('ends a sleep at once when its signal aborts, before or during it', async () => {
    const clock = fakeClock()
    const stop = new AbortController()
    const sleep = clock.sleep(1000, stop.signal)
    stop.abort()
    await sleep
    await clock.sleep(1000, stop.signal)
    expect(clock.pendingSleeps).toBe(0)
  })

  it('does not wait for a sleep of no length', async () => {
    const clock = fakeClock()
    await clock.sleep(0)
    await clock.sleep(-1)
    expect(clock.pendingSleeps).toBe(0)
  })

  it.each([-1, Number.NaN])('refuses to let %s milliseconds pass', async (ms) => {
    await expect(fakeClock().advance(ms)).rejects.toThrow(TypeError)
  })
})
