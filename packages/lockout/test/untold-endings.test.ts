import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { escalating, type LockoutStore, memoryLockoutStore, withFallback } from '../src/index.ts'
import { Untold } from '../src/stores/untold.ts'
import { engine } from './engine.ts'

const LEASE_MS = 15_000

/** A store that stands still and then goes on: clients gave up, and what they asked is run all the same. */
function sleepyStore(clock: ReturnType<typeof fakeClock>) {
  const memory = memoryLockoutStore({ clock })
  const asleep: (() => unknown)[] = []
  let state: 'awake' | 'asleep' | 'gone' = 'awake'
  const calls: string[] = []
  const store = new Proxy(memory, {
    get:
      (target, name: keyof LockoutStore) =>
      (...args: never[]) => {
        calls.push(name)
        const run = async () => (target[name] as (...args: never[]) => unknown)(...args)
        if (state === 'awake') return run()
        if (state === 'gone') return Promise.reject(new Error('connection refused'))
        asleep.push(run)
        // The client gives up, and never hears the answer.
        return clock.sleep(200).then(() => Promise.reject(new Error('connection timed out')))
      },
  })
  return {
    store,
    memory,
    set: (next: typeof state) => {
      state = next
    },
    async wake() {
      state = 'awake'
      await Promise.all(asleep.splice(0).map((run) => run()))
    },
    calls,
  }
}

function setUp(whenLost: 'local' | 'deny' = 'local') {
  const clock = fakeClock()
  const shared = sleepyStore(clock)
  const join = () =>
    engine({
      clock,
      store: withFallback(shared.store, { clock, whenLost }),
      policy: escalating({ after: 0 }),
      keepVerifiedSeconds: 0,
    })
  return { clock, shared, here: join(), there: join() }
}

/** Lets the first call after the pause find out that the store is back, and then the rest be told. */
async function comeBack({ clock, shared, here }: ReturnType<typeof setUp>): Promise<void> {
  await shared.wake()
  await clock.advance(1001)
  expect(await here.outcome('somebody else', 'right')).toBe('authenticated')
  await clock.advance(1000)
}

it('LCK-13: a reservation that nobody heard of keeps the name from nobody, once the store is back', async () => {
  const house = setUp()
  const { clock, shared, here, there } = house
  shared.set('asleep')
  const login = here.outcome('jane', 'right')
  await clock.advance(250)
  expect(await login).toBe('authenticated')
  await shared.wake()
  // The store has just granted what was asked of it when it stood still.
  const other = there.outcome('jane', 'right')
  await clock.advance(500)
  await comeBack(house)
  await clock.advance(200)
  expect(await other).toBe('authenticated')
})

it('LCK-13: nor does one whose end could not be told', async () => {
  const house = setUp()
  const { shared, here, there } = house
  const { promise: verified, resolve: verify } = Promise.withResolvers<void>()
  const login = here.lockout.guard(
    { space: 'people', name: 'jane', secret: 'right', source: '192.0.2.1' },
    async (reserve) => {
      await reserve('1')
      await verified
      return { outcome: 'authenticated' }
    },
  )
  await house.clock.advance(0)
  shared.set('gone')
  const finder = here.outcome('joe', 'right')
  await house.clock.advance(250)
  await finder
  verify()
  expect((await login).result).toEqual({ outcome: 'authenticated' })
  await comeBack(house)
  expect(await there.outcome('jane', 'right')).toBe('authenticated')
})

it('LCK-13: nor does one that was denied', async () => {
  const house = setUp('deny')
  const { clock, shared, here, there } = house
  shared.set('asleep')
  const denied = here.outcome('jane', 'right').catch(({ code }) => code)
  await clock.advance(250)
  expect(await denied).toBe('ERR_BACKEND_UNAVAILABLE')
  await comeBack(house)
  expect(await there.outcome('jane', 'right')).toBe('authenticated')
})

it('LCK-13: what was refused meanwhile is frozen everywhere, and counted', async () => {
  const house = setUp()
  const { clock, shared, here, there } = house
  shared.set('gone')
  const found = here.outcome('somebody', 'right')
  await clock.advance(250)
  await found
  // With escalation from the first failure on: 3 s, then 6 s.
  expect(await here.outcome('jane', 'first guess')).toBe('rejected')
  await clock.advance(3001)
  expect(await here.outcome('jane', 'second guess')).toBe('rejected')
  await comeBack(house)
  expect(await there.outcome('jane', 'right')).toBe('frozen')
  expect(await there.lockout.list()).toMatchObject([{ failures: 2 }, { failures: 2 }])
})

it('tells nothing that has ended by itself', async () => {
  const house = setUp()
  const { clock, shared, here } = house
  shared.set('gone')
  for (let n = 0; n < 5; n += 1) {
    const login = here.outcome(`name ${n}`, 'right')
    await clock.advance(250)
    await login
  }
  await clock.advance(LEASE_MS)
  await shared.wake()
  shared.calls.length = 0
  await here.outcome('jane', 'right')
  await clock.advance(2000)
  expect(shared.calls.filter((name) => name === 'settle')).toHaveLength(1)
})

it('LCK-11: remembers a thousand ends, and the latest', () => {
  const untold = new Untold(fakeClock())
  for (let n = 0; n < 5000; n += 1) untold.add({ keys: [], holder: `${n}`, frozenUntil: 0 }, LEASE_MS)
  expect(untold.all()).toHaveLength(1000)
  expect(untold.get('4999')).toBeDefined()
})
