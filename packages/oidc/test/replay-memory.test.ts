import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { ReplayMemory } from '../src/tokens/replay-memory.ts'

it('remembers for as long as it was told, and not longer', async () => {
  const clock = fakeClock()
  const memory = new ReplayMemory(clock, 10)
  expect(memory.isFirst('a', 1000)).toBe(true)
  await clock.advance(999)
  expect(memory.isFirst('a', 1000)).toBe(false)
  await clock.advance(1)
  expect(memory.isFirst('a', 1000)).toBe(true)
})

it('forgets what it heard first when it is full, and stays as large as it may be', () => {
  const memory = new ReplayMemory(fakeClock(), 3)
  for (const key of ['a', 'b', 'c', 'd']) expect(memory.isFirst(key, 1000)).toBe(true)
  expect(['d', 'c', 'b'].map((key) => memory.isFirst(key, 1000))).toEqual([false, false, false])
  expect(memory.isFirst('a', 1000)).toBe(true)
})
