import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startBudget } from '../src/budget.ts'
import { Slots } from '../src/slots.ts'

const within = (signal: AbortSignal, ms = 10_000) => startBudget(signal, ms)
const forever = within(new AbortController().signal)
/** What was taken when nothing more happens by itself. */
async function taken(attempts: readonly Promise<unknown>[]): Promise<readonly string[]> {
  const states = attempts.map(() => 'waits')
  attempts.forEach((attempt, index) => {
    attempt.then(
      () => (states[index] = 'has it'),
      () => (states[index] = 'gave up'),
    )
  })
  await setImmediate()
  return states
}

describe('slots', () => {
  it('OPS-05: are given to so many at once, and to the others in order', async () => {
    const slots = new Slots(2, 10)
    const attempts = Array.from({ length: 4 }, () => slots.take(forever))
    expect(await taken(attempts)).toEqual(['has it', 'has it', 'waits', 'waits'])
    ;(await attempts[1]!)()
    expect(await taken(attempts)).toEqual(['has it', 'has it', 'has it', 'waits'])
  })

  it('OPS-05: have a line of limited length', async () => {
    const slots = new Slots(1, 2)
    const attempts = Array.from({ length: 4 }, () => slots.take(forever))
    expect(await taken(attempts)).toEqual(['has it', 'waits', 'waits', 'gave up'])
    await expect(attempts[3]).rejects.toMatchObject({ fault: 'aborted' })
  })

  it('are not given to who has given up, even in the same moment', async () => {
    const slots = new Slots(1, 10)
    const impatient = new AbortController()
    const attempts = [slots.take(forever), slots.take(within(impatient.signal)), slots.take(forever)]
    const release = await attempts[0]!
    impatient.abort()
    release()
    expect(await taken(attempts)).toEqual(['has it', 'gave up', 'has it'])
    ;(await attempts[2]!)()
    expect(await taken([slots.take(forever)])).toEqual(['has it'])
  })

  it('are kept by whom they were given to, who gives up a moment later', async () => {
    const slots = new Slots(1, 10)
    const late = new AbortController()
    const attempts = [slots.take(forever), slots.take(within(late.signal))]
    ;(await attempts[0]!)()
    late.abort()
    expect(await taken(attempts)).toEqual(['has it', 'has it'])
  })

  it('are waited for no longer than there is time', async () => {
    const slots = new Slots(1, 10)
    await slots.take(forever)
    await expect(slots.take(within(new AbortController().signal, 20))).rejects.toMatchObject({ fault: 'aborted' })
  })

  it('are refused to who comes with an aborted signal and would have to wait', async () => {
    const slots = new Slots(1, 10)
    expect(await taken([slots.take(forever), slots.take(within(AbortSignal.abort()))])).toEqual(['has it', 'gave up'])
  })
})
