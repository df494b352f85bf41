import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { auditLockout, createLockout, escalating, memoryLockoutStore, ownerSafe } from '../src/index.ts'
import { engine } from './engine.ts'
import { attempt, passwordBackend } from './password-backend.ts'

const jane = { space: 'people', name: 'jane' }

describe('list', () => {
  it('shows who is frozen, since when, for how long, how often and from where', async () => {
    const { clock, lockout, outcome } = engine()
    await outcome('jane', 'wrong', { source: '::ffff:203.0.113.9' })
    await clock.advance(500)
    const expected = { since: '2026-01-01T00:00:00.000Z', forMs: 1000, failures: 1, source: '203.0.113.9' }
    const locks = await lockout.list()
    expect(locks).toHaveLength(2)
    expect(locks).toEqual(
      expect.arrayContaining([
        { ...expected, key: expect.any(String), subject: jane },
        { ...expected, key: expect.any(String), subject: { space: 'people', account: 'id of jane' } },
      ]),
    )
    await clock.advance(1001)
    expect(await lockout.list()).toEqual([])
  })

  it('shows a name that nobody has as a digest: people type passwords into name fields', async () => {
    const { lockout, outcome } = engine({}, { accountOf: () => undefined })
    await outcome('hunter2', 'wrong')
    const [lock] = await lockout.list()
    expect(lock?.subject).toEqual({ space: 'people', name: expect.stringMatching(/^unknown:[0-9a-f]{12}$/) })
  })

  it('recognises what another process froze among the names it is given', async () => {
    const clock = fakeClock()
    const store = memoryLockoutStore({ clock })
    const here = engine({ clock, store })
    const elsewhere = engine({ clock, store })
    await elsewhere.outcome('jane', 'wrong')
    expect((await here.lockout.list()).map(({ subject }) => subject)).toEqual([undefined, undefined])
    const known = [{ space: 'people', name: 'joe' }, jane]
    expect((await here.lockout.list({ known })).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([jane, undefined]),
    )
    expect(await here.lockout.list({ limit: 1 })).toHaveLength(1)
  })
})

describe('clear', () => {
  it('ends the freeze of one name, one account, one key, or all', async () => {
    const { lockout, outcome } = engine({}, { accountOf: (name) => (name === 'jane' ? '1' : undefined) })
    for (const name of ['jane', 'joe', 'jim']) await outcome(name, 'wrong')
    expect(await lockout.clear({ space: 'people', name: 'jane' })).toBe(1)
    expect(await outcome('jane', 'right')).toBe('frozen')
    expect(await lockout.clear({ space: 'people', account: '1' })).toBe(1)
    expect(await outcome('jane', 'right')).toBe('authenticated')
    const [lock] = await lockout.list()
    expect(await lockout.clear({ key: lock?.key ?? '' })).toBe(1)
    expect(await lockout.clear({ key: lock?.key ?? '' })).toBe(0)
    expect(await lockout.clear()).toBe(1)
    expect(await lockout.list()).toEqual([])
    expect(await lockout.clear()).toBe(0)
  })

  it('ends all freezes, however many', async () => {
    const clock = fakeClock()
    const store = memoryLockoutStore({ clock })
    for (let n = 0; n < 25_000; n += 1) await store.settle([`key ${n}`], 'holder', 1500)
    expect(await engine({ clock, store }).lockout.clear()).toBe(25_000)
    expect(await store.list(1)).toEqual([])
  })

  it('forgets failures too, also where no freeze runs any more', async () => {
    const { clock, lockout, outcome } = engine({ policy: escalating({ after: 0 }) }, { accountOf: () => undefined })
    await outcome('jane', 'first')
    await clock.advance(3001)
    await lockout.clear(jane)
    await outcome('jane', 'second')
    expect((await lockout.list())[0]?.failures).toBe(1)
  })

  it('ends every freeze of a name, whoever shares it', async () => {
    const { lockout, outcome } = engine({ policy: ownerSafe({ strangers: 8 }) }, { accountOf: () => undefined })
    for (let n = 0; n < 20; n += 1) await outcome('jane', `guess ${n}`, { source: `203.0.113.${n}` })
    const frozen = (await lockout.list()).length
    expect(frozen).toBeGreaterThan(1)
    expect(await lockout.clear(jane)).toBe(frozen)
    expect(await lockout.list()).toEqual([])
  })
})

describe('explain', () => {
  it('says why an attempt would be refused now', async () => {
    const { clock, lockout, outcome } = engine({ sourceFailuresPerMinute: 1 })
    expect(await lockout.explain(jane)).toEqual(['not frozen'])
    await outcome('jane', 'wrong', { source: '203.0.113.9' })
    await clock.advance(500)
    const since = 'frozen since 2026-01-01T00:00:00.000Z for another 1000 ms: one failure, the last from 203.0.113.9'
    expect(await lockout.explain({ ...jane, accounts: ['id of jane', '7'], source: '203.0.113.9' })).toEqual([
      `the name is ${since}`,
      `the account id of jane is ${since}`,
      '203.0.113.9 is turned away for another 59500 ms: too many refusals',
    ])
  })

  it('LCK-08: tells an owner from a stranger, as the login does', async () => {
    const { clock, lockout, outcome } = engine({ policy: ownerSafe({ strangers: 1 }), sourceFailuresPerMinute: 1 })
    await outcome('jane', 'right', { source: '192.0.2.1' })
    await clock.advance(0)
    await outcome('jane', 'wrong', { source: '203.0.113.9' })
    const login = { ...jane, accounts: ['id of jane'] }
    expect(await lockout.explain({ ...login, source: '192.0.2.1' })).toEqual(['not frozen'])
    expect(await outcome('jane', 'right', { source: '192.0.2.1' })).toBe('authenticated')

    await outcome('jane', 'wrong', { source: '192.0.2.1' })
    const met = await lockout.explain({ ...login, source: '192.0.2.1' })
    expect(met).toEqual([expect.stringMatching(/^the name.*192\.0\.2\.1$/), expect.stringMatching(/^the account/)])
    expect(await lockout.explain({ ...login, source: '198.51.100.3' })).toHaveLength(2)
    expect(await lockout.explain(login)).toHaveLength(4)
  })

  it('says that a spray turns strangers away', async () => {
    const { clock, lockout, outcome } = engine({ sprayFailuresPerMinute: 1, refuseStrangersDuringSpray: true })
    await outcome('jane', 'right', { source: '192.0.2.1' })
    await clock.advance(0)
    await outcome('joe', 'wrong', { source: '203.0.113.9' })
    expect(await lockout.explain({ ...jane, source: '198.51.100.3' })).toEqual([
      '198.51.100.3 is turned away for another 60000 ms: too many refusals from all sources together',
    ])
    expect(await lockout.explain({ ...jane, source: '192.0.2.1' })).toEqual(['not frozen'])
  })
})

describe('counters', () => {
  it('count every attempt once, by what became of it', async () => {
    const { clock, lockout, backend, guard, outcome } = engine()
    backend.stillTrue = async () => true
    await outcome('jane', 'right')
    await outcome('jane', 'right')
    await Promise.all([outcome('joe', 'wrong'), outcome('joe', 'wrong'), outcome('joe', 'other')])
    backend.failing = new Error('down')
    await guard('jim', 'right').catch(() => {})
    expect(lockout.counters()).toEqual({
      accepted: 1,
      kept: 1,
      refused: 1,
      shared: 1,
      frozen: 1,
      failed: 1,
      turnedAway: 0,
    })
    await clock.advance(0)
  })
})

it('OBS-02: events become audit records', async () => {
  const clock = fakeClock()
  const records: unknown[] = []
  const onEvent = auditLockout({ record: (event) => records.push(event) }, clock)
  const lockout = createLockout({ store: memoryLockoutStore({ clock }), clock, onEvent })
  const wrong = attempt('jane', 'wrong')
  await lockout.guard(wrong, passwordBackend().verify(wrong))
  expect(records).toEqual([
    {
      type: 'lockout',
      at: '2026-01-01T00:00:00.000Z',
      outcome: 'frozen',
      reason: 'a secret was refused',
      name: 'jane',
      source: '192.0.2.1',
      details: { space: 'people', failures: 1, forMs: 1500 },
    },
  ])
})
