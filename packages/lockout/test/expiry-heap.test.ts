import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Due, ExpiryHeap } from '../src/stores/expiry-heap.ts'

it('has on top what is due first, whatever was added, moved and removed before', () => {
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('add', 'move', 'remove'),
      which: fc.nat(),
      dueAt: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(steps, (sequence) => {
      const heap = new ExpiryHeap<Due>()
      const items: Due[] = []
      for (const { what, which, dueAt } of sequence) {
        const item = items[which % Math.max(items.length, 1)]
        if (what === 'add' || item === undefined) {
          const added = { dueAt, slot: -1 }
          items.push(added)
          heap.add(added)
        } else if (what === 'move') {
          item.dueAt = dueAt
          heap.moved(item)
        } else {
          heap.remove(item)
          items.splice(items.indexOf(item), 1)
        }
        const first = items.length === 0 ? undefined : Math.min(...items.map((each) => each.dueAt))
        expect(heap.top?.dueAt).toBe(first)
      }
    }),
  )
})
