import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createSlots } from '../src/slots.ts'

const never = new AbortController().signal
const free = (taken: (() => void) | string) => {
  if (typeof taken === 'string') throw new Error(`not taken: ${taken}`)
  taken()
}

describe('slots', () => {
  it('OPS-05: lets as many run as there are slots, and the others in order of arrival', async () => {
    const slots = createSlots(2, 10)
    const order: number[] = []
    const takers = [0, 1, 2, 3].map(async (number) => {
      const taken = await slots.take(never)
      order.push(number)
      return taken
    })
    const [first, second] = await Promise.all(takers.slice(0, 2))
    expect(order).toEqual([0, 1])
    free(second!)
    free(await takers[2]!)
    expect(order).toEqual([0, 1, 2])
    free(first!)
    free(await takers[3]!)
    expect(order).toEqual([0, 1, 2, 3])
  })

  it('is full once enough wait, and no longer when one has left', async () => {
    const slots = createSlots(1, 1)
    const running = await slots.take(never)
    const waiting = slots.take(never)
    expect(await slots.take(never)).toBe('full')
    free(running)
    const next = await waiting
    const again = slots.take(never)
    free(next)
    free(await again)
    expect(typeof (await slots.take(never))).toBe('function')
  })

  it('gives nobody a slot whose signal came first, and the place in the queue to somebody else', async () => {
    const slots = createSlots(1, 1)
    const running = await slots.take(never)
    const leaving = new AbortController()
    const left = slots.take(leaving.signal)
    leaving.abort()
    expect(await left).toBe('aborted')
    expect(await slots.take(leaving.signal)).toBe('aborted')
    const waiting = slots.take(never)
    free(running)
    expect(typeof (await waiting)).toBe('function')
  })

  it('leaves no listener on the signal of a call that got its slot', async () => {
    const slots = createSlots(1, 1)
    const running = await slots.take(never)
    const { signal } = new AbortController()
    const waiting = slots.take(signal)
    free(running)
    await waiting
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
