import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { logIn, right, startHouse } from './lockout-house.ts'

describe('a server with the policy ownerSafe', () => {
  it('LCK-08: lets the owner in through 15 seconds of attack, and the attacker once in 1.5 s', {
    timeout: 90_000,
  }, async () => {
    const house = await startHouse(1, { policy: 'ownerSafe', keepVerifiedSeconds: 0 })
    const [OWNER, ATTACKER] = ['127.0.0.1', '127.0.0.99']
    await logIn(house.host(0), { ...right('jane-1'), from: OWNER })
    const startedAt = performance.now()
    const guesses: Promise<unknown>[] = []
    const owner: number[] = []
    for (let n = 0; performance.now() - startedAt < 15_000; n += 1) {
      guesses.push(logIn(house.host(0), { username: 'jane-1', password: `guess ${n}`, from: ATTACKER }))
      if (n % 20 === 0) owner.push((await logIn(house.host(0), { ...right('jane-1'), from: OWNER })).status)
      await delay(50)
    }
    await Promise.all(guesses)
    const seconds = (performance.now() - startedAt) / 1000
    const { wrong } = await house.verifications(1)
    await house.stop()
    expect(owner.length).toBeGreaterThan(8)
    expect(owner.filter((status) => status === 200).length / owner.length).toBeGreaterThanOrEqual(0.95)
    expect(wrong).toBeGreaterThan(2)
    expect(wrong).toBeLessThanOrEqual(1 + seconds / 1.5)
  })
})
