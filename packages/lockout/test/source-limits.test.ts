import { describe, expect, it } from 'vitest'
import { engine } from './engine.ts'

const MINUTE = 60_000
const SPRAYER = '203.0.113.9'

/** One wrong guess on each of so many names, all from one source. */
async function spray(count: number, outcome: ReturnType<typeof engine>['outcome'], source = SPRAYER, from = 0) {
  const outcomes: string[] = []
  for (let n = from; n < from + count; n += 1) outcomes.push(await outcome(`name ${n}`, 'Summer2026', { source }))
  return outcomes
}

describe('a source with many refusals', () => {
  it('LCK-10: is answered as frozen after 100 in a minute, until the minute is over', async () => {
    const { clock, backend, events, outcome } = engine()
    expect(await spray(150, outcome)).toEqual([...Array(100).fill('rejected'), ...Array(50).fill('frozen')])
    expect(backend.started).toBe(100)
    await clock.advance(MINUTE - 1)
    expect(await outcome('jane', 'right', { source: SPRAYER })).toBe('frozen')
    await clock.advance(1)
    expect(await outcome('jane', 'right', { source: SPRAYER })).toBe('authenticated')
    expect(events.filter(({ type }) => type === 'source_limited')).toEqual([
      expect.objectContaining({ source: SPRAYER, forMs: MINUTE }),
    ])
  })

  it('LCK-10: is counted anew in each minute', async () => {
    const { clock, outcome } = engine()
    for (let minute = 0; minute < 3; minute += 1) {
      expect(await spray(99, outcome, SPRAYER, 1000 * minute)).toEqual(Array(99).fill('rejected'))
      await clock.advance(MINUTE / 2)
      expect(await outcome(`last of ${minute}`, 'wrong', { source: SPRAYER })).toBe('rejected')
      expect(await outcome('jane', 'right', { source: SPRAYER })).toBe('frozen')
      await clock.advance(MINUTE / 2)
    }
  })

  it('LCK-10: is held as long as any other refusal', async () => {
    const { clock, outcome, guard } = engine({ sourceFailuresPerMinute: 3 })
    await spray(3, outcome)
    expect(await guard('jane', 'right', { source: SPRAYER })).toEqual({
      result: { outcome: 'frozen' },
      answerAt: clock.monotonicMs() + 1500,
    })
  })

  it('LCK-10: still reaches names that it succeeded with before, in whatever process', async () => {
    const { clock, lockout, outcome } = engine({ sourceFailuresPerMinute: 3 })
    await outcome('jane', 'right', { source: SPRAYER })
    await spray(3, outcome)
    expect(await outcome('jane', 'right', { source: SPRAYER })).toBe('authenticated')
    expect(await outcome('joe', 'right', { source: SPRAYER })).toBe('frozen')
    expect(lockout.counters()).toMatchObject({ accepted: 2, refused: 3, turnedAway: 1 })
    await clock.advance(MINUTE)
    expect(await outcome('joe', 'right', { source: SPRAYER })).toBe('authenticated')
  })

  it('LCK-10: does not limit others', async () => {
    const { outcome } = engine()
    await spray(120, outcome)
    expect(await outcome('jane', 'right')).toBe('authenticated')
  })

  it('LCK-10: is one source with all addresses of its /64, and with its address mapped into IPv6', async () => {
    const { outcome } = engine({ sourceFailuresPerMinute: 4 })
    for (let n = 0; n < 4; n += 1) await outcome(`name ${n}`, 'wrong', { source: `2001:db8:0:1::${n}` })
    expect(await outcome('jane', 'right', { source: '2001:db8:0:1:ffff::' })).toBe('frozen')
    expect(await outcome('jane', 'right', { source: '2001:db8:0:2::' })).toBe('authenticated')
    await spray(4, outcome, '192.0.2.77', 100)
    expect(await outcome('joe', 'right', { source: '::ffff:192.0.2.77' })).toBe('frozen')
  })

  it('LCK-10: is limited too when no address is known', async () => {
    const { outcome } = engine({ sourceFailuresPerMinute: 4 })
    await spray(4, outcome, '')
    expect(await outcome('jane', 'right', { source: '' })).toBe('frozen')
  })

  it('is not counted for what was not verified, nor twice for the same wrong secret', async () => {
    const { clock, outcome } = engine({ sourceFailuresPerMinute: 4 })
    for (let n = 0; n < 20; n += 1) {
      expect(await outcome('job', 'the old password', { source: SPRAYER })).toBe('rejected')
      for (let guess = 0; guess < 5; guess += 1) {
        expect(await outcome('job', `guess ${n} ${guess}`, { source: SPRAYER })).toBe('frozen')
      }
      await clock.advance(1501)
    }
    expect(await outcome('jane', 'right', { source: SPRAYER })).toBe('authenticated')
  })

  it('is never limited with a limit of 0, nor when the lockout is off', async () => {
    for (const options of [{ sourceFailuresPerMinute: 0 }, { freezeMs: 0 }]) {
      const { outcome } = engine(options)
      expect(await spray(300, outcome)).toEqual(Array(300).fill('rejected'))
    }
  })
})

describe('a spray from many sources', () => {
  it('LCK-10: is an event, once in a minute', async () => {
    const { clock, events, outcome } = engine({ sprayFailuresPerMinute: 50 })
    const sprays = () => events.filter(({ type }) => type === 'spray').length
    for (let n = 0; n < 120; n += 1) await spray(1, outcome, `203.0.113.${n}`, n)
    expect(sprays()).toBe(1)
    expect(await outcome('jane', 'right')).toBe('authenticated')
    await clock.advance(MINUTE)
    for (let n = 0; n < 120; n += 1) await spray(1, outcome, `203.0.113.${n}`, 1000 + n)
    expect(sprays()).toBe(2)
  })

  it('LCK-10: turns strangers away where the operator says so', async () => {
    const { clock, outcome } = engine({ sprayFailuresPerMinute: 50, refuseStrangersDuringSpray: true })
    await outcome('jane', 'right')
    for (let n = 0; n < 60; n += 1) await spray(1, outcome, `203.0.113.${n}`, n)
    expect(await outcome('joe', 'right')).toBe('frozen')
    expect(await outcome('jane', 'right')).toBe('authenticated')
    await clock.advance(MINUTE)
    expect(await outcome('joe', 'right')).toBe('authenticated')
  })
})
