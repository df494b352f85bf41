import { describe, expect, it } from 'vitest'
import { createRandomPool } from '../src/issue/random-pool.ts'

describe('the random pool', () => {
  it('gives every byte once, however many draws it takes', () => {
    let next = 0
    const draws: number[] = []
    const take = createRandomPool((size) => {
      draws.push(size)
      return Uint8Array.from({ length: size }, () => next++ % 251)
    })
    const taken = Array.from({ length: 600 }, () => [...take(16)]).flat()
    expect(taken).toEqual(Array.from({ length: 9600 }, (_, n) => n % 251))
    expect(draws).toEqual([4096, 4096, 4096])
  })

  it('gives more than it holds', () => {
    const take = createRandomPool()
    take(10)
    expect(take(10_000)).toHaveLength(10_000)
  })

  it('draws from the system', () => {
    const take = createRandomPool()
    const drawn = new Set(Array.from({ length: 1000 }, () => Buffer.from(take(16)).toString('hex')))
    expect(drawn.size).toBe(1000)
  })
})
