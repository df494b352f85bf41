import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { askedTogether } from '../src/asked-together.ts'

it('reads once for all who ask in one turn, after the last of them asked', async () => {
  let value = 'old'
  const reads: string[] = []
  const ask = askedTogether(async (key) => {
    reads.push(key)
    return `${key} ${value}`
  })
  const answers = [ask('a'), ask('b'), ask('a')]
  value = 'new'
  expect(await Promise.all(answers)).toEqual(['a new', 'b new', 'a new'])
  expect(reads).toEqual(['a', 'b'])
})

it('never joins a read that has begun: what it finds may be older than the question', async () => {
  let value = 1
  const ask = askedTogether(async () => {
    const found = value
    await turn()
    return found
  })
  const first = ask('a')
  await turn()
  value = 2
  expect([await ask('a'), await first]).toEqual([2, 1])
})

it('asks again after a failure', async () => {
  let fails = true
  const ask = askedTogether(async () => {
    if (fails) throw new Error('down')
    return 'up'
  })
  await expect(Promise.all([ask('a'), ask('a')])).rejects.toThrow('down')
  fails = false
  expect(await ask('a')).toBe('up')
})
