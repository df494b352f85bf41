import { describe, expect, it } from 'vitest'
import { engine } from './engine.ts'

const OWNER = '192.0.2.1'
const ATTACKER = '203.0.113.9'

function warm(options: Parameters<typeof engine>[0] = {}) {
  const made = engine(options)
  made.backend.stillTrue = async () => true
  return made
}

describe('a verified secret', () => {
  it('LCK-04: is good for some seconds without being verified again', async () => {
    const { clock, backend, guard, lockout, outcome } = warm()
    await outcome('jane', 'right')
    for (let pull = 0; pull < 1000; pull += 1) await guard('jane', 'right')
    expect(backend.started).toBe(1)
    expect(lockout.counters()).toMatchObject({ accepted: 1, kept: 1000 })
    expect(await guard('jane', 'right')).toEqual({ result: { outcome: 'authenticated' }, answerAt: 0 })
    await clock.advance(10_000)
    await outcome('jane', 'right')
    expect(backend.started).toBe(2)
  })

  it('LCK-04: ends after the first verification, however often it was used meanwhile', async () => {
    const { clock, backend, outcome } = warm({ keepVerifiedSeconds: 2 })
    for (let second = 0; second < 4; second += 1) {
      await outcome('jane', 'right')
      await clock.advance(1000)
    }
    expect(backend.started).toBe(2)
  })

  it('is not kept with keepVerifiedSeconds 0', async () => {
    const { backend, outcome } = warm({ keepVerifiedSeconds: 0 })
    await outcome('jane', 'right')
    await outcome('jane', 'right')
    expect(backend.started).toBe(2)
  })

  it('is not kept when nobody can be asked whether it is still true', async () => {
    const { backend, lockout } = warm()
    const attempt = { space: 'people', name: 'jane', secret: 'right', source: OWNER }
    await lockout.guard(attempt, backend.verify(attempt))
    await lockout.guard(attempt, backend.verify(attempt))
    expect(backend.started).toBe(2)
  })

  it('LCK-04: is verified again once it is no longer true, and parallel uses ask once', async () => {
    const { backend, outcome } = warm()
    await outcome('jane', 'right')
    let asked = 0
    backend.stillTrue = async () => {
      asked += 1
      return false
    }
    backend.password = 'changed'
    const answers = await Promise.all(Array.from({ length: 100 }, () => outcome('jane', 'right')))
    expect(answers).toEqual(Array(100).fill('rejected'))
    expect(await outcome('jane', 'right')).toBe('frozen')
    expect(asked).toBe(1)
    expect(backend.refused).toBe(1)
  })

  it('is no yes when nobody can tell whether it is still true', async () => {
    const { backend, guard, outcome } = warm()
    await outcome('jane', 'right')
    backend.stillTrue = async () => {
      throw new Error('the database is down')
    }
    await expect(guard('jane', 'right')).rejects.toThrow('the database is down')
    backend.stillTrue = async () => true
    expect(await outcome('jane', 'right')).toBe('authenticated')
    expect(backend.started).toBe(1)
  })
})

describe('a frozen account', () => {
  it('LCK-04: lets the source in that earned a kept result, and no other', async () => {
    const { backend, outcome } = warm()
    await outcome('jane', 'right', { source: OWNER })
    await outcome('jane', 'wrong', { source: ATTACKER })
    expect(await outcome('jane', 'right', { source: OWNER })).toBe('authenticated')
    expect(await outcome('jane', 'right', { source: ATTACKER })).toBe('frozen')
    expect(backend.started).toBe(2)
  })

  it('LCK-04: cannot be guessed against a warm cache from elsewhere', async () => {
    const { clock, backend, outcome } = warm({ keepVerifiedSeconds: 3600 })
    await outcome('jane', 'right', { source: OWNER })
    const start = clock.monotonicMs()
    const guesses = [...Array.from({ length: 400 }, (_, n) => `guess ${n}`), 'right']
    for (const guess of guesses) {
      // The owner keeps pulling all the time.
      const pull = outcome('jane', 'right', { source: OWNER })
      const answer = await outcome('jane', guess, { source: ATTACKER })
      expect(await pull).toBe('authenticated')
      if (guess === 'right') expect(answer).toBe('frozen')
      await clock.advance(10)
    }
    expect(backend.refused).toBeLessThanOrEqual(1 + (clock.monotonicMs() - start) / 1500)
  })

  it('LCK-04: cannot be guessed against a warm cache from the same source: eight other secrets end it', async () => {
    const { outcome } = warm()
    await outcome('jane', 'right')
    for (let n = 0; n < 8; n += 1) await outcome('jane', `guess ${n}`)
    expect(await outcome('jane', 'right')).toBe('authenticated')
    await outcome('jane', 'guess 8')
    expect(await outcome('jane', 'right')).toBe('frozen')
  })

  it('LCK-04: is served from the cache beside a job that repeats an old secret from the same source', async () => {
    const { outcome } = warm()
    await outcome('jane', 'right')
    for (let n = 0; n < 50; n += 1) {
      await outcome('jane', 'the old password')
      expect(await outcome('jane', 'right')).toBe('authenticated')
    }
  })
})
