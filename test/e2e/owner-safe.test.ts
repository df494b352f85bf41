// Long: two minutes, which are spent waiting.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { allowed, attack } from './lockout-attack.ts'
import { logIn, right, startHouse } from './lockout-house.ts'

describe('a server with the policy ownerSafe', () => {
  it('LCK-08: lets the owner in through two minutes of 20 guesses a second, one in 1.5 s of which is verified', {
    timeout: 240_000,
  }, async () => {
    const house = await startHouse(1, { policy: 'ownerSafe', keepVerifiedSeconds: 0 })
    const [owner, attacker] = ['127.0.0.1', '127.0.0.99']
    const statuses = [(await logIn(house.host(0), { ...right('jane-1'), from: owner })).status]
    const end = AbortSignal.timeout(120_000)
    let guesses = 0
    const attacked = attack((n) => {
      guesses += 1
      return logIn(house.host(0), { username: 'jane-1', password: `guess ${n}`, from: attacker })
    }, end)
    while (!end.aborted) {
      await delay(1000)
      statuses.push((await logIn(house.host(0), { ...right('jane-1'), from: owner })).status)
    }
    await attacked
    const refused = (await house.refusals()).get(1) ?? []
    await house.stop()
    expect(guesses).toBeGreaterThan(2000)
    expect(statuses.length).toBeGreaterThan(50)
    expect(statuses.filter((status) => status === 200).length / statuses.length).toBeGreaterThanOrEqual(0.95)
    expect(refused.length).toBeGreaterThan(20)
    expect(refused.length).toBeLessThanOrEqual(allowed(1, refused))
  })
})
