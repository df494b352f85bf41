import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { escalating, flat, freezeAfter, type LockoutPolicy, memoryLockoutStore, ownerSafe } from '../src/index.ts'
import { engine } from './engine.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR
const OWNER = '192.0.2.1'
const ATTACKER = '203.0.113.9'

/** Guesses at once whenever the freeze is over, for so long; returns when each guess was refused. */
async function guessFor(
  ms: number,
  { clock, lockout, outcome }: ReturnType<typeof engine>,
): Promise<readonly number[]> {
  const refusedAt: number[] = []
  const start = clock.monotonicMs()
  for (let guess = 0; clock.monotonicMs() - start < ms; guess += 1) {
    expect(await outcome('jane', `guess ${guess}`, { source: ATTACKER })).toBe('rejected')
    refusedAt.push(clock.monotonicMs() - start)
    const [lock] = await lockout.list()
    await clock.advance((lock?.forMs ?? 0) + 1)
  }
  return refusedAt
}

describe('flat', () => {
  it('freezes equally long, however often', () => {
    expect([1, 2, 50].map((failures) => freezeAfter(flat(), failures))).toEqual([1500, 1500, 1500])
  })

  it('lets one guess through in 1.5 s', async () => {
    expect(await guessFor(60 * SECOND, engine())).toHaveLength(40)
  })
})

describe('escalating', () => {
  it('LCK-09: doubles after five failures, up to an hour', () => {
    const policy = escalating()
    const freezes = [1, 5, 6, 7, 16, 17, 18, 1000, 1e6].map((failures) => freezeAfter(policy, failures))
    expect(freezes).toEqual([1500, 1500, 3000, 6000, 3_072_000, HOUR, HOUR, HOUR, HOUR])
  })

  it('LCK-09: takes no numbers that undo it: attackers would wait until their failures are forgotten', () => {
    expect(() => escalating({ capMs: 1499 })).toThrow('as long as freezeMs or longer')
    expect(() => escalating({ capMs: HOUR, rememberMs: HOUR })).toThrow('longer than capMs')
    expect(() => ownerSafe({ escalation: { rememberMs: HOUR } })).toThrow('longer than capMs')
    expect(freezeAfter(escalating({ capMs: 1500 }), 50)).toBe(1500)
  })

  it('LCK-09: lets at most 100 guesses through on each of three simulated days', async () => {
    const refusedAt = await guessFor(3 * DAY, engine({ policy: escalating(), sourceFailuresPerMinute: 0 }))
    for (const day of [0, 1, 2]) {
      const guesses = refusedAt.filter((at) => Math.floor(at / DAY) === day)
      expect(guesses.length).toBeGreaterThan(20)
      expect(guesses.length).toBeLessThanOrEqual(100)
    }
  })

  it('LCK-09: counts all names of one account together', async () => {
    const made = engine({ policy: escalating({ after: 2 }) }, { accountOf: () => 'the one account' })
    for (const [n, name] of ['jane', 'j.doe', 'jane@example.com', 'doe'].entries()) {
      await made.outcome(name, `guess ${n}`)
      await made.clock.advance(((await made.lockout.list())[0]?.forMs ?? 0) + 1)
    }
    await made.outcome('jane', 'fifth')
    expect((await made.lockout.list())[0]).toMatchObject({ failures: 5, forMs: 1500 * 8 })
  })

  it('starts anew after a success, and after a day without failures', async () => {
    const { clock, lockout, outcome } = engine({ policy: escalating({ after: 1 }) })
    const failTwice = async (): Promise<number | undefined> => {
      await outcome('jane', `guess at ${clock.monotonicMs()}`)
      await clock.advance(1501)
      await outcome('jane', `guess at ${clock.monotonicMs()}`)
      return (await lockout.list())[0]?.forMs
    }
    expect(await failTwice()).toBe(3000)
    await clock.advance(3001)
    expect(await outcome('jane', 'right')).toBe('authenticated')
    expect(await failTwice()).toBe(3000)
    await clock.advance(DAY + 1)
    expect(await failTwice()).toBe(3000)
  })

  it('is not reset by a verification that could not tell', async () => {
    const { clock, lockout, backend, guard, outcome } = engine({ policy: escalating({ after: 1 }) })
    await outcome('jane', 'first')
    await clock.advance(1501)
    backend.failing = new Error('the directory is down')
    await expect(guard('jane', 'second')).rejects.toThrow()
    backend.failing = undefined
    await outcome('jane', 'third')
    expect((await lockout.list())[0]).toMatchObject({ failures: 2, forMs: 3000 })
  })

  it('holds answers by the first freeze alone: nobody waits for an hour', async () => {
    const { clock, guard } = engine({ policy: escalating({ after: 0, capMs: HOUR }) })
    const { answerAt } = await guard('jane', 'wrong')
    expect(answerAt - clock.monotonicMs()).toBe(1500)
  })

  it('counts the same wrong secret from one source once in ten minutes, which freezes all the same', async () => {
    const { clock, lockout, outcome } = engine({ policy: escalating({ after: 1 }) })
    for (let n = 0; n < 20; n += 1) {
      expect(await outcome('jane', 'the old password')).toBe('rejected')
      expect((await lockout.list())[0]).toMatchObject({ failures: 1, forMs: 1500 })
      await clock.advance(1501)
    }
    await outcome('jane', 'the old password', { source: ATTACKER })
    expect((await lockout.list())[0]).toMatchObject({ failures: 2 })
    await clock.advance(3001)
    await outcome('jane', 'the old password')
    expect((await lockout.list())[0]).toMatchObject({ failures: 2, forMs: 3000 })
    await clock.advance(600_001)
    await outcome('jane', 'the old password')
    expect((await lockout.list())[0]).toMatchObject({ failures: 3 })
  })
})

describe('ownerSafe', () => {
  /** Two minutes of guesses at 20 a second, and an owner who logs in every five seconds. */
  async function attack(policy: LockoutPolicy, attackers: readonly string[]) {
    const made = engine({ policy, keepVerifiedSeconds: 0 })
    const { clock, backend, outcome } = made
    expect(await outcome('jane', 'right', { source: OWNER })).toBe('authenticated')
    backend.work = () => clock.sleep(25)
    const owner: Promise<string>[] = []
    for (let tick = 0; tick < 120 * 20; tick += 1) {
      const source = attackers[tick % attackers.length] ?? ATTACKER
      void outcome('jane', `guess ${tick}`, { source })
      if (tick % 100 === 50) owner.push(outcome('jane', 'right', { source: OWNER }))
      await clock.advance(50)
    }
    await clock.advance(100)
    return { ...made, owner: await Promise.all(owner), refused: backend.refused }
  }

  it('LCK-08: lets an owner in through two minutes of attack, and the attacker once in 1.5 s', async () => {
    const { owner, refused } = await attack(ownerSafe(), [ATTACKER])
    expect(owner).toEqual(Array(24).fill('authenticated'))
    expect(refused).toBeLessThanOrEqual(1 + 120 / 1.5)
    expect(refused).toBeGreaterThan(70)
  })

  it('LCK-08: flat does not, which is why there is ownerSafe', async () => {
    const { owner } = await attack(flat(), [ATTACKER])
    expect(owner.filter((outcome) => outcome === 'authenticated').length).toBeLessThan(12)
  })

  it('LCK-08: has an account-wide ceiling, however many networks attack', async () => {
    const botnet = Array.from({ length: 200 }, (_, n) => `198.51.100.${n}`)
    const { owner, refused } = await attack(ownerSafe({ strangers: 3 }), botnet)
    expect(owner).toEqual(Array(24).fill('authenticated'))
    expect(refused).toBeLessThanOrEqual(3 * (1 + 120 / 1.5))
  })

  it('LCK-08: trusts a network for seven days after its last success', async () => {
    const { clock, lockout, outcome } = engine({ policy: ownerSafe({ strangers: 1 }), keepVerifiedSeconds: 0 })
    await outcome('jane', 'right', { source: OWNER })
    await clock.advance(6 * DAY)
    await outcome('jane', 'right', { source: OWNER })
    await clock.advance(6 * DAY)
    await outcome('jane', 'wrong', { source: ATTACKER })
    expect(await outcome('jane', 'wrong', { source: OWNER })).toBe('rejected')
    await lockout.clear()
    await clock.advance(7 * DAY + 1)
    await outcome('jane', 'wrong', { source: ATTACKER })
    expect(await outcome('jane', 'right', { source: OWNER })).toBe('frozen')
  })

  it('freezes a trusted network too, when it fails', async () => {
    const { outcome } = engine({ policy: ownerSafe(), keepVerifiedSeconds: 0 })
    await outcome('jane', 'right', { source: OWNER })
    expect(await outcome('jane', 'wrong', { source: OWNER })).toBe('rejected')
    expect(await outcome('jane', 'right', { source: OWNER })).toBe('frozen')
  })

  it('LCK-04: does not let a stranger share the run of an owner while strangers are frozen', async () => {
    const { clock, backend, outcome } = engine({ policy: ownerSafe({ strangers: 1 }), keepVerifiedSeconds: 0 })
    await outcome('jane', 'right', { source: OWNER })
    await outcome('jane', 'wrong', { source: ATTACKER })
    backend.raiseBarrier()
    const owner = outcome('jane', 'right', { source: OWNER })
    await clock.advance(0)
    const stranger = outcome('jane', 'right', { source: ATTACKER })
    await clock.advance(0)
    backend.takeBarrierDown()
    expect(await Promise.all([owner, stranger])).toEqual(['authenticated', 'frozen'])
  })

  it('LCK-08: trusts a network no longer than it earned, in a process that read of it at the last moment too', async () => {
    const clock = fakeClock()
    const parts = { clock, store: memoryLockoutStore({ clock }), policy: ownerSafe({ strangers: 1, trustMs: HOUR }) }
    const [first, second] = [engine(parts), engine(parts)]
    expect(await first.outcome('jane', 'right', { source: OWNER })).toBe('authenticated')
    await clock.advance(HOUR - 60_000)
    expect(await second.outcome('jane', 'mistyped', { source: OWNER })).toBe('rejected')
    expect(await second.outcome('jane', 'guess', { source: ATTACKER })).toBe('rejected')
    await clock.advance(120_000)
    expect(await second.outcome('jane', 'guess 2', { source: ATTACKER })).toBe('rejected')
    expect(await second.outcome('jane', 'right', { source: OWNER })).toBe('frozen')
  })

  it('escalates against strangers even while the owner logs in', async () => {
    const { lockout, refused } = await attack(ownerSafe({ escalation: {} }), [ATTACKER])
    expect(refused).toBeLessThan(15)
    expect((await lockout.list())[0]?.forMs).toBeGreaterThan(30_000)
  })
})

it.each([
  ['freezeMs', () => flat({ freezeMs: -1 })],
  ['escalation.after', () => escalating({ after: -1 })],
  ['escalation.after', () => escalating({ after: 1.5 })],
  ['escalation.rememberMs', () => escalating({ rememberMs: Number.POSITIVE_INFINITY })],
  ['lanes.strangers', () => ownerSafe({ strangers: 0 })],
  ['lanes.strangers', () => ownerSafe({ strangers: 1.5 })],
  ['lanes.trustMs', () => ownerSafe({ trustMs: Number.NaN })],
  ['freezeMs', () => engine({ policy: flat(), freezeMs: 100 })],
  ['leaseMs', () => engine({ leaseMs: 0 })],
])('an impossible %s is a configuration error', (path, make) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIGURATION', problems: [expect.objectContaining({ path })] }),
  )
})
