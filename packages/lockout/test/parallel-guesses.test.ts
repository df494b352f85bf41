import { BackendUnavailableError } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { memoryLockoutStore } from '../src/index.ts'
import { engine } from './engine.ts'
import { attempt } from './password-backend.ts'

const SPELLINGS = ['jane', 'jane@example.com', 'jané', 'j.doe', 'jane doe', 'doe\\jane']

function setUp(options: Parameters<typeof engine>[0] = {}) {
  const made = engine(options, { accountOf: () => 'the one account' })
  made.backend.raiseBarrier()
  return made
}

const tally = (outcomes: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

describe('parallel guesses', () => {
  it.each(Array.from({ length: 50 }, (_, run) => run))(
    'LCK-03: 200 at once in six spellings cost one refused verification, run %i',
    async () => {
      const { clock, backend, outcome } = setUp()
      const secrets = shuffled(['right', ...Array.from({ length: 199 }, (_, n) => `guess ${n}`)])
      const answers = secrets.map((secret, n) => outcome(SPELLINGS[n % SPELLINGS.length]!, secret))
      await clock.advance(0)
      expect(backend.started).toBe(1)
      backend.takeBarrierDown()
      const { authenticated = 0, ...refusals } = tally(await Promise.all(answers))
      expect(backend.refused).toBe(1)
      expect(authenticated).toBeLessThanOrEqual(1)
      expect(refusals).toEqual({ rejected: 1, frozen: 199 - authenticated })
    },
  )

  it('LCK-03: all who wait behind a refusal are frozen, also when no store can be told of it', async () => {
    const clock = fakeClock()
    const store = memoryLockoutStore({ clock })
    store.settle = async () => {
      throw new Error('the store is gone')
    }
    // Nothing but the line of this process knows of the refusal.
    store.reserve = async () => ({ outcome: 'granted', failures: 0 })
    const { backend, outcome } = setUp({ clock, store })
    const answers = Array.from({ length: 50 }, (_, n) => outcome('jane', `guess ${n}`))
    await clock.advance(0)
    backend.takeBarrierDown()
    expect(tally(await Promise.all(answers))).toEqual({ rejected: 1, frozen: 49 })
    expect(backend.refused).toBe(1)
  })

  it('LCK-03: go one after another while nobody is refused', async () => {
    const { clock, backend, outcome } = setUp()
    backend.failing = new BackendUnavailableError('ldap_auth', 'is down')
    const answers = Array.from({ length: 10 }, (_, n) => outcome('jane', `guess ${n}`))
    const ends = Promise.allSettled(answers)
    await clock.advance(0)
    expect(backend.started).toBe(1)
    backend.takeBarrierDown()
    expect((await ends).map(({ status }) => status)).toEqual(Array(10).fill('rejected'))
    expect(backend.started).toBe(10)
  })

  it('LCK-04: 200 equal right secrets are one verification and 200 successes', async () => {
    const { clock, backend, outcome } = setUp()
    const answers = Array.from({ length: 200 }, (_, n) => outcome('jane', 'right', { source: `192.0.2.${n}` }))
    await clock.advance(0)
    backend.takeBarrierDown()
    expect(tally(await Promise.all(answers))).toEqual({ authenticated: 200 })
    expect(backend.started).toBe(1)
  })

  it('LCK-03: 200 equal wrong secrets are one verification and 200 refusals', async () => {
    const { clock, backend, outcome } = setUp()
    const answers = Array.from({ length: 200 }, () => outcome('jane', 'wrong'))
    await clock.advance(0)
    backend.takeBarrierDown()
    expect(tally(await Promise.all(answers))).toEqual({ rejected: 200 })
    expect(backend.refused).toBe(1)
  })

  it('LCK-04: a stranger who guesses cannot compare guesses with the run of the owner', async () => {
    const { clock, backend, outcome } = setUp()
    const owner = outcome('jane', 'right')
    const guess = outcome('jane', 'wrong', { source: '198.51.100.1' })
    const lucky = outcome('jane', 'right', { source: '198.51.100.1' })
    const ownersOther = outcome('jane', 'right')
    await clock.advance(0)
    backend.takeBarrierDown()
    expect(await Promise.all([owner, guess, lucky, ownersOther])).toEqual([
      'authenticated',
      'rejected',
      'frozen',
      'authenticated',
    ])
  })

  it('LCK-07: a client that hangs up undoes nothing', async () => {
    const { clock, backend, outcome } = setUp()
    const client = new AbortController()
    const answer = outcome('jane', 'wrong', { signal: client.signal })
    await clock.advance(0)
    client.abort()
    backend.takeBarrierDown()
    expect(await answer).toBe('rejected')
    expect(await outcome('jane', 'right')).toBe('frozen')
  })
})

describe('waiting', () => {
  it('is bounded for one name', async () => {
    const { clock, backend, outcome } = setUp({ maxWaiting: 3 })
    const answers = Promise.allSettled(Array.from({ length: 6 }, (_, n) => outcome('jane', `guess ${n}`)))
    await clock.advance(0)
    backend.takeBarrierDown()
    const ends = await answers
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason.code))).toEqual([
      'rejected',
      'frozen',
      'frozen',
      'frozen',
      'ERR_BACKEND_UNAVAILABLE',
      'ERR_BACKEND_UNAVAILABLE',
    ])
  })

  it('is bounded over all names', async () => {
    const { clock, backend, outcome } = setUp({ maxFlights: 2 })
    const answers = [outcome('jane', 'a'), outcome('joe', 'b')]
    await expect(outcome('jim', 'c')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await clock.advance(0)
    backend.takeBarrierDown()
    await Promise.all(answers)
    expect(await outcome('jim', 'c')).toBe('frozen')
  })

  it('ends with the time budget, and the others go on', async () => {
    const { clock, backend, outcome } = setUp()
    const budget = new AbortController()
    const first = outcome('jane', 'right')
    const second = outcome('jane', 'second', { signal: budget.signal })
    const third = outcome('jane', 'third')
    await clock.advance(0)
    budget.abort()
    await expect(second).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'lockout' })
    backend.takeBarrierDown()
    expect(await Promise.all([first, third])).toEqual(['authenticated', 'rejected'])
  })

  it('does not begin for an attempt whose time is over already', async () => {
    const { clock, backend, guard } = setUp()
    const first = guard('jane', 'guess')
    await clock.advance(0)
    const signal = AbortSignal.abort()
    await expect(guard('jane', 'other', { signal })).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    backend.takeBarrierDown()
    await first
    expect(backend.started).toBe(1)
  })

  it('ends when an attempt takes longer than its lease, and its refusal still freezes when it comes', async () => {
    const { clock, backend, outcome } = setUp({ leaseMs: 5000 })
    const stuck = outcome('jane', 'wrong')
    const isUnavailable = expect(stuck).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await clock.advance(4000)
    const next = outcome('jane', 'right')
    await clock.advance(1000)
    await isUnavailable
    expect(backend.started).toBe(2)
    backend.takeBarrierDown()
    expect(await next).toBe('authenticated')
    await clock.advance(0)
    expect(await outcome('jane', 'right')).toBe('frozen')
  })

  it('ends for an attempt without a time budget too, and for one whose look-up hangs', async () => {
    const { clock, lockout, outcome } = setUp({ leaseMs: 5000 })
    const isUnavailable = (answer: Promise<unknown>) =>
      expect(answer).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    const ends = [
      isUnavailable(outcome('jane', 'stuck')),
      isUnavailable(outcome('jane', 'waiting')),
      isUnavailable(lockout.guard(attempt('joe', 'hanging'), () => new Promise<never>(() => {}))),
    ]
    await clock.advance(5000)
    await Promise.all(ends)
    expect(clock.pendingSleeps).toBe(0)
  })

  it('ends for an attempt whose time is over while another, that came later, is verified', async () => {
    const { clock, lockout, outcome } = setUp({ leaseMs: 5000 })
    let ended = false
    const slow = lockout.guard(attempt('jane', 'slow'), async (reserve) => {
      await clock.sleep(4900)
      return { outcome: (await reserve()) ? 'rejected' : 'frozen' }
    })
    slow.catch(() => (ended = true))
    await clock.advance(4000)
    outcome('jane', 'quick').catch(() => {})
    await clock.advance(1000)
    await clock.advance(0)
    expect(ended).toBe(true)
  })
})
