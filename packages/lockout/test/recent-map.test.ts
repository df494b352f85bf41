import { fakeClock } from '@lockkeeper/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecentMap } from '../src/recent-map.ts'

it('forgets an entry when its time is over, and when told', async () => {
  const clock = fakeClock()
  const map = new RecentMap<number>(clock, 10)
  map.set('a', 1, 100)
  map.set('b', 2, 100)
  map.delete('b')
  await clock.advance(99)
  expect([map.get('a'), map.get('b')]).toEqual([1, undefined])
  await clock.advance(1)
  expect(map.get('a')).toBeUndefined()
})

it('has the newer half of what was set, whatever was set before, and never more than it may', () => {
  const names = Array.from({ length: 30 }, (_, n) => `key ${n}`)
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 200 }), (sets) => {
      const map = new RecentMap<number>(fakeClock(), 10)
      const newest = new Map<string, number>()
      for (const [number, name] of sets.entries()) {
        map.set(name, number, 1000)
        newest.delete(name)
        newest.set(name, number)
      }
      for (const [name, number] of [...newest].slice(-5)) expect(map.get(name)).toBe(number)
      expect(names.filter((name) => map.get(name) !== undefined).length).toBeLessThanOrEqual(10)
    }),
  )
})

it('drops nothing while only what it has is set again', () => {
  const map = new RecentMap<number>(fakeClock(), 10)
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) map.set(name, 0, 1000)
  for (let n = 0; n < 100; n += 1) map.set('j', n, 1000)
  expect(map.get('a')).toBe(0)
})
