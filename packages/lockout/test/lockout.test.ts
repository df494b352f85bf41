import { BackendUnavailableError, type Clock } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type LockoutStore, memoryLockoutStore } from '../src/index.ts'
import { engine } from './engine.ts'

const FREEZE_MS = 1500

describe('the freeze', () => {
  it.each([
    [0, 'frozen'],
    [1499, 'frozen'],
    [1500, 'frozen'],
    [1501, 'authenticated'],
  ])('LCK-01: %i ms after a refusal the right secret is %s', async (ms, expected) => {
    const { clock, outcome } = engine()
    expect(await outcome('jane', 'wrong')).toBe('rejected')
    await clock.advance(ms)
    expect(await outcome('jane', 'right')).toBe(expected)
  })

  it('LCK-01: is as long as configured', async () => {
    const { clock, outcome } = engine({ freezeMs: 200 })
    await outcome('jane', 'wrong')
    await clock.advance(200)
    expect(await outcome('jane', 'right')).toBe('frozen')
    await clock.advance(1)
    expect(await outcome('jane', 'right')).toBe('authenticated')
  })

  it('LCK-02: is neither extended nor restarted by frozen attempts', async () => {
    const { clock, backend, outcome } = engine()
    await outcome('jane', 'wrong')
    for (let ms = 100; ms <= FREEZE_MS; ms += 100) {
      await clock.advance(100)
      expect(await outcome('jane', `guess at ${ms}`)).toBe('frozen')
    }
    await clock.advance(1)
    expect(await outcome('jane', 'right')).toBe('authenticated')
    expect(backend.started).toBe(2)
  })

  it('LCK-05: covers every name of one account, and the name that was tried when nobody has it', async () => {
    const { outcome } = engine({}, { accountOf: (name) => (name === 'nobody' ? undefined : 'the one account') })
    expect(await outcome('jane', 'wrong')).toBe('rejected')
    expect(await outcome('jane@example.com', 'right')).toBe('frozen')
    expect(await outcome('nobody', 'right')).toBe('rejected')
    expect(await outcome('nobody', 'other')).toBe('frozen')
  })

  it('keeps two people, and two spaces, apart', async () => {
    const { outcome } = engine()
    await outcome('jane', 'wrong')
    expect(await outcome('joe', 'right')).toBe('authenticated')
    expect(await outcome('jane', 'right', { space: 'robots' })).toBe('authenticated')
  })

  it('LCK-07: only a refusal freezes; a throw counts as nothing', async () => {
    const { backend, guard, outcome } = engine()
    backend.failing = new BackendUnavailableError('ldap_auth', 'is down')
    await expect(guard('jane', 'right')).rejects.toBe(backend.failing)
    backend.failing = undefined
    expect(await outcome('jane', 'right')).toBe('authenticated')
    expect(await outcome('jane', 'right')).toBe('authenticated')
  })

  it('LCK-14: is measured by the monotonic clock alone', async () => {
    const { clock, outcome } = engine()
    await outcome('jane', 'wrong')
    clock.moveWall(3_600_000)
    expect(await outcome('jane', 'right')).toBe('frozen')
    clock.moveWall(-7_200_000)
    await clock.advance(FREEZE_MS)
    expect(await outcome('jane', 'right')).toBe('frozen')
    await clock.advance(1)
    expect(await outcome('jane', 'right')).toBe('authenticated')
  })

  it('tells an operator, naming known accounts only', async () => {
    const { events, outcome } = engine({}, { accountOf: (name) => (name === 'jane' ? '1' : undefined) })
    await outcome('jane', 'wrong')
    await outcome('hunter2', 'wrong')
    expect(events).toMatchObject([
      { type: 'frozen', name: 'jane', source: '192.0.2.1', failures: 1, forMs: FREEZE_MS },
      { type: 'frozen', name: expect.stringMatching(/^unknown:/) },
    ])
    expect(JSON.stringify(events)).not.toContain('hunter2')
  })

  it('survives a listener that throws', async () => {
    const { outcome } = engine({
      onEvent() {
        throw new Error('the log is full')
      },
    })
    expect(await outcome('jane', 'wrong')).toBe('rejected')
    expect(await outcome('jane', 'right')).toBe('frozen')
  })
})

describe('a freeze of 0', () => {
  it('LCK-01: turns the lockout off, says so, and holds nothing', async () => {
    const { clock, events, lockout, backend, guard } = engine({ freezeMs: 0 })
    expect(events).toMatchObject([{ type: 'off' }])
    backend.raiseBarrier()
    const guesses = Array.from({ length: 20 }, (_, n) => guard('jane', `guess ${n}`))
    await clock.advance(0)
    expect(backend.started).toBe(20)
    backend.takeBarrierDown()
    for (const { result, answerAt } of await Promise.all(guesses)) {
      expect(result.outcome).toBe('rejected')
      expect(answerAt).toBeLessThanOrEqual(clock.monotonicMs())
    }
    expect(lockout.heldUntil(clock.monotonicMs())).toBeLessThanOrEqual(clock.monotonicMs())
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to start with %s', (freezeMs) => {
    expect(() => engine({ freezeMs })).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
  })
})

describe('the hold', () => {
  it('lets a success leave at once', async () => {
    const { guard } = engine()
    expect((await guard('jane', 'right')).answerAt).toBe(0)
  })

  it('LCK-02: holds wrong, frozen and malformed by arrival + freeze + what most refused verifications take', async () => {
    const { clock, lockout, backend, guard } = engine()
    backend.work = () => clock.sleep(40)
    const first = guard('jane', 'wrong')
    await clock.advance(40)
    await first
    await clock.advance(FREEZE_MS + 1)

    const arrivedAt = clock.monotonicMs()
    const wrong = guard('jane', 'wrong again')
    expect(lockout.heldUntil(arrivedAt)).toBe(arrivedAt + FREEZE_MS + 40)
    await clock.advance(40)
    expect((await wrong).answerAt).toBe(arrivedAt + FREEZE_MS + 40)
    const frozen = await guard('jane', 'right')
    expect(frozen).toEqual({ result: { outcome: 'frozen' }, answerAt: arrivedAt + 40 + FREEZE_MS + 40 })
  })

  it('LCK-02: never answers a refusal before its own freeze is over', async () => {
    const { clock, backend, guard } = engine()
    const arrivedAt = clock.monotonicMs()
    backend.work = () => clock.sleep(900)
    const wrong = guard('jane', 'wrong')
    await clock.advance(900)
    expect((await wrong).answerAt).toBe(arrivedAt + 900 + FREEZE_MS)
  })

  it('does not count the waiting for others as verification', async () => {
    const { clock, lockout, backend, guard } = engine()
    backend.work = () => clock.sleep(100)
    const right = guard('jane', 'right')
    const wrong = guard('jane', 'wrong')
    await clock.advance(200)
    expect((await right).result.outcome).toBe('authenticated')
    expect((await wrong).result.outcome).toBe('rejected')
    expect(lockout.heldUntil(0)).toBe(FREEZE_MS + 100)
  })
})

describe('a store that fails', () => {
  const failing = (clock: Clock, method: 'reserve' | 'settle'): LockoutStore => {
    const store = memoryLockoutStore({ clock })
    store[method] = async () => {
      throw new Error('connection reset')
    }
    return store
  }

  it('grants nothing', async () => {
    const clock = fakeClock()
    const { backend, guard } = engine({ clock, store: failing(clock, 'reserve') })
    await expect(guard('jane', 'right')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'lockout' })
    await expect(guard('jane', 'right')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(backend.started).toBe(0)
  })

  it('does not change a verdict that it cannot keep', async () => {
    const clock = fakeClock()
    const { events, outcome } = engine({ clock, store: failing(clock, 'settle') })
    expect(await outcome('jane', 'wrong')).toBe('rejected')
    expect(await outcome('joe', 'right')).toBe('authenticated')
    expect(events.filter(({ type }) => type === 'store_failed')).toHaveLength(2)
  })
})
