import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { Deadlines } from '../src/deadlines.ts'

const AFTER_MS = 5000

function setUp() {
  const clock = fakeClock()
  const deadlines = new Deadlines(clock, AFTER_MS)
  const passed: string[] = []
  return { clock, passed, begin: (name: string) => deadlines.set(() => passed.push(name)) }
}

it('tells of each at its own time, in order', async () => {
  const { clock, passed, begin } = setUp()
  begin('first')
  await clock.advance(1000)
  begin('second')
  await clock.advance(AFTER_MS - 1001)
  expect(passed).toEqual([])
  await clock.advance(1)
  expect(passed).toEqual(['first'])
  await clock.advance(999)
  expect(passed).toEqual(['first'])
  await clock.advance(1)
  expect(passed).toEqual(['first', 'second'])
})

it('does not tell of what was called off', async () => {
  const { clock, passed, begin } = setUp()
  const callOff = begin('first')
  begin('second')
  begin('third')()
  callOff()
  await clock.advance(AFTER_MS)
  expect(passed).toEqual(['second'])
})

it('LCK-15: sleeps once for any number of them, and not at all when the last one is over', async () => {
  const { clock, begin } = setUp()
  for (let n = 0; n < 1000; n++) begin(`number ${n}`)()
  begin('stuck')
  expect(clock.pendingSleeps).toBe(1)
  await clock.advance(AFTER_MS)
  expect(clock.pendingSleeps).toBe(0)
})

it('watches what begins after all else was over', async () => {
  const { clock, passed, begin } = setUp()
  begin('first')()
  await clock.advance(AFTER_MS)
  begin('second')
  await clock.advance(AFTER_MS)
  expect(passed).toEqual(['second'])
})

it('tells the others even when it is set from within', async () => {
  const { clock, passed, begin } = setUp()
  const deadlines = new Deadlines(clock, AFTER_MS)
  deadlines.set(() => begin('from within'))
  deadlines.set(() => passed.push('other'))
  await clock.advance(2 * AFTER_MS)
  expect(passed).toEqual(['other', 'from within'])
})
