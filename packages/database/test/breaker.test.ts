import { fakeClock } from '@lockkeeper/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Breaker, createBreaker } from '../src/connection/breaker.ts'

const down = new Error('down')

describe('OPS-05: the breaker', () => {
  const clock = fakeClock()
  let breaker: Breaker
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) breaker.failed(down)
  }
  beforeEach(() => {
    breaker = createBreaker(clock)
  })

  it('lets everybody pass while failures are few or interrupted', () => {
    fail(4)
    breaker.check()
    breaker.succeeded()
    fail(4)
    breaker.check()
  })

  it('answers with the last failure after five in a row', () => {
    fail(5)
    expect(() => breaker.check()).toThrow(down)
  })

  it('lets one probe pass after at most half a second, and the others only once it succeeded', async () => {
    fail(5)
    await clock.advance(249)
    expect(() => breaker.check()).toThrow(down)
    await clock.advance(251)
    breaker.check()
    expect(() => breaker.check()).toThrow(down)
    breaker.succeeded()
    breaker.check()
    breaker.check()
  })

  it('rests again when the probe fails', async () => {
    fail(5)
    await clock.advance(500)
    breaker.check()
    breaker.failed(down)
    expect(() => breaker.check()).toThrow(down)
    await clock.advance(500)
    breaker.check()
  })
})
