import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type BreakerOptions, createCircuitBreaker } from '../src/circuit-breaker.ts'

function make(options: BreakerOptions = { faults: 3, minOpenMs: 100, maxOpenMs: 1000 }, random = () => 0) {
  const clock = fakeClock()
  return { clock, breaker: createCircuitBreaker(clock, random, options) }
}
type Breaker = ReturnType<typeof make>['breaker']
const fail = (breaker: Breaker, times = 1) => {
  for (let time = 0; time < times; time++) breaker.begin()('fault')
}

describe('OPS-05: the circuit breaker', () => {
  it('opens after so many faults in a row, and not for fewer', () => {
    const { breaker } = make()
    fail(breaker, 2)
    breaker.begin()('answered')
    fail(breaker, 2)
    expect(breaker.openForMs()).toBe(0)
    fail(breaker)
    expect(breaker.openForMs()).toBe(100)
  })

  it('does not count what says nothing about the backend', () => {
    const { breaker } = make()
    fail(breaker, 2)
    breaker.begin()('undecided')
    expect(breaker.openForMs()).toBe(0)
    fail(breaker)
    expect(breaker.openForMs()).toBe(100)
  })

  it('lets exactly one probe through when its time is over', async () => {
    const { breaker, clock } = make()
    fail(breaker, 3)
    await clock.advance(99)
    expect(breaker.openForMs()).toBe(1)
    await clock.advance(1)
    expect(breaker.openForMs()).toBe(0)
    const settle = breaker.begin()
    expect(breaker.openForMs()).toBeGreaterThan(0)
    settle('answered')
    expect(breaker.openForMs()).toBe(0)
  })

  it('closes wholly with a probe that was answered: it takes all the faults again to open it', async () => {
    const { breaker, clock } = make()
    fail(breaker, 3)
    await clock.advance(100)
    breaker.begin()('answered')
    fail(breaker, 2)
    expect(breaker.openForMs()).toBe(0)
    fail(breaker)
    expect(breaker.openForMs()).toBe(100)
  })

  it('waits twice as long after each probe that failed, up to its limit', async () => {
    const { breaker, clock } = make()
    fail(breaker, 3)
    const waits = [breaker.openForMs()]
    for (let probe = 0; probe < 5; probe++) {
      await clock.advance(breaker.openForMs())
      fail(breaker)
      waits.push(breaker.openForMs())
    }
    expect(waits).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  it('lets the next one probe when a probe was given up', async () => {
    const { breaker, clock } = make()
    fail(breaker, 3)
    await clock.advance(100)
    breaker.begin()('undecided')
    expect(breaker.openForMs()).toBe(0)
  })

  it('is not opened longer by calls that began before it opened, and is closed by one that was answered', () => {
    const { breaker } = make()
    const [late, lateAnswer] = [breaker.begin(), breaker.begin()]
    fail(breaker, 3)
    late('fault')
    expect(breaker.openForMs()).toBe(100)
    lateAnswer('answered')
    expect(breaker.openForMs()).toBe(0)
  })

  it('shortens its openings by up to a half, so that processes do not probe in step', () => {
    const half = make(undefined, () => 0.999_999).breaker
    fail(half, 3)
    expect(half.openForMs()).toBeCloseTo(50, 3)
    const whole = make(undefined, () => 0).breaker
    fail(whole, 3)
    expect(whole.openForMs()).toBe(100)
  })

  it('follows the monotonic face: a moved wall clock opens and closes nothing', () => {
    const { breaker, clock } = make()
    fail(breaker, 3)
    clock.moveWall(3_600_000)
    expect(breaker.openForMs()).toBe(100)
  })
})
