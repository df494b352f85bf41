import { getEventListeners } from 'node:events'
import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { type LockoutStore, memoryLockoutStore } from '../src/index.ts'
import { engine } from './engine.ts'

/** Two lockouts, as of two processes, over one store that counts what it is asked. */
function setUp() {
  const clock = fakeClock()
  const memory = memoryLockoutStore({ clock })
  const asked = { reserve: 0 }
  const store: LockoutStore = Object.assign(memory, {
    reserve: countCalls(memory.reserve.bind(memory), asked),
  })
  const make = () => engine({ clock, store, keepVerifiedSeconds: 0 })
  return { clock, asked, here: make(), there: make() }
}

const countCalls =
  (reserve: LockoutStore['reserve'], asked: { reserve: number }): LockoutStore['reserve'] =>
  (...args) => {
    asked.reserve += 1
    return reserve(...args)
  }

it('LCK-12: two processes with one store act as one', async () => {
  const { clock, here, there } = setUp()
  here.backend.work = () => clock.sleep(50)
  there.backend.work = () => clock.sleep(50)
  const guesses = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? here : there).outcome('jane', `guess ${n}`))
  await clock.advance(1000)
  const outcomes = await Promise.all(guesses)
  expect(outcomes.filter((outcome) => outcome === 'rejected')).toHaveLength(1)
  expect(here.backend.started + there.backend.started).toBe(1)
})

it('LCK-12: a process that waits for another goes on when that one succeeds, and its waiting is no verification', async () => {
  const { clock, here, there } = setUp()
  here.backend.work = () => clock.sleep(300)
  there.backend.work = () => clock.sleep(20)
  const first = here.outcome('jane', 'right')
  await clock.advance(0)
  const second = there.outcome('jane', 'wrong')
  await clock.advance(1000)
  expect(await Promise.all([first, second])).toEqual(['authenticated', 'rejected'])
  expect(there.lockout.heldUntil(0)).toBe(1500 + 20)
})

it('LCK-07: waiting for another process ends with the time budget', async () => {
  const { clock, here, there } = setUp()
  here.backend.raiseBarrier()
  void here.outcome('jane', 'right')
  await clock.advance(0)
  const budget = new AbortController()
  const waiting = there.guard('jane', 'right', { signal: budget.signal })
  const refused = expect(waiting).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  await clock.advance(500)
  budget.abort()
  await refused
  here.backend.takeBarrierDown()
  await clock.advance(0)
  expect(await there.outcome('jane', 'right')).toBe('authenticated')
})

it('LCK-02: one question to the store answers all who wait behind a refusal, made here or elsewhere', async () => {
  const { clock, asked, here, there } = setUp()
  here.backend.work = () => clock.sleep(50)
  const guess = (made: typeof here, n: number) => made.outcome('jane', `guess ${n}`)
  const guesses = [...Array.from({ length: 100 }, (_, n) => guess(here, n))]
  await clock.advance(40)
  expect(asked.reserve).toBe(1)
  guesses.push(...Array.from({ length: 100 }, (_, n) => guess(there, 100 + n)))
  await clock.advance(1000)
  expect((await Promise.all(guesses)).filter((outcome) => outcome === 'frozen')).toHaveLength(199)
  expect(asked.reserve).toBeLessThanOrEqual(4)
})

it('leaves no listener on the signal of a login', async () => {
  const { clock, here } = setUp()
  here.backend.work = () => clock.sleep(50)
  const { signal } = new AbortController()
  const answers = Array.from({ length: 20 }, (_, n) => here.outcome('jane', `guess ${n}`, { signal }))
  await clock.advance(20)
  expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
  await clock.advance(1000)
  await Promise.all(answers)
  expect(getEventListeners(signal, 'abort')).toEqual([])
  // What watches the leases sleeps until the last one ends, and no longer.
  await clock.advance(15_000)
  expect(clock.pendingSleeps).toBe(0)
})
