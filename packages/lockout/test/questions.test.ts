import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { createLockout, type LockoutStore, memoryLockoutStore } from '../src/index.ts'
import { attempt, type Verdict } from './password-backend.ts'

/** A lockout, what its store was asked and answered, in order, and a way to let the store be silent. */
function setUp() {
  const clock = fakeClock()
  const memory = memoryLockoutStore({ clock })
  const silent = new Set<keyof LockoutStore>()
  const begun: string[] = []
  const answered: string[] = []
  const telling = async <T>(question: keyof LockoutStore, answer: Promise<T>): Promise<T> => {
    begun.push(question)
    if (silent.has(question)) await new Promise(() => {})
    const value = await answer
    answered.push(question)
    return value
  }
  const store: LockoutStore = {
    reserve: (...args) => telling('reserve', memory.reserve(...args)),
    settle: (...args) => telling('settle', memory.settle(...args)),
    mark: (...args) => telling('mark', memory.mark(...args)),
    isMarked: (...args) => telling('isMarked', memory.isMarked(...args)),
    list: (...args) => telling('list', memory.list(...args)),
    clear: (...args) => telling('clear', memory.clear(...args)),
  }
  const lockout = createLockout({ store, clock })
  const guard = (secret: string, outcome: 'authenticated' | 'rejected') =>
    lockout.guard<Verdict>(
      attempt('jane', secret),
      async (reserve) => ({ outcome: (await reserve('id of jane')) ? outcome : 'frozen' }),
      { stillTrue: async () => true },
    )
  return { guard, silent, begun, answered }
}

describe('before it is answered', () => {
  it('LCK-12: a login waits for one question to the store, however long settling takes', async () => {
    const { guard, silent, begun, answered } = setUp()
    silent.add('settle').add('mark')
    expect((await guard('right', 'authenticated')).result.outcome).toBe('authenticated')
    expect(answered).toEqual(['reserve'])
    expect(begun).toEqual(['reserve', 'settle', 'mark'])
  })

  it('LCK-12: a refusal waits for two, so that its freeze is known everywhere', async () => {
    const { guard, answered } = setUp()
    await guard('wrong', 'rejected')
    expect(answered).toEqual(['reserve', 'settle'])

    const other = setUp()
    other.silent.add('settle')
    const held = await Promise.race([other.guard('wrong', 'rejected'), new Promise((end) => setImmediate(end, 'held'))])
    expect(held).toBe('held')
  })

  it('a frozen attempt waits for one', async () => {
    const { guard, answered } = setUp()
    await guard('wrong', 'rejected')
    answered.length = 0
    expect((await guard('other', 'authenticated')).result.outcome).toBe('frozen')
    expect(answered).toEqual(['reserve'])
  })

  it('a login that is kept waits for none', async () => {
    const { guard, begun } = setUp()
    await guard('right', 'authenticated')
    begun.length = 0
    expect((await guard('right', 'authenticated')).result.outcome).toBe('authenticated')
    expect(begun).toEqual([])
  })
})
