// Long: half a minute, with real outages.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { requires } from '../servers/requirements.ts'
import { SLOWLY_RIGHT } from './counting-auth.ts'
import { allowed, attack, guessesAt, saysBack, underAttack, untilBack } from './lockout-attack.ts'
import { type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'

const need = requires('redis')
describe.skipIf(need.skip)(`four servers whose Redis goes away${need.note}`, () => {
  let redis: RedisServer
  let house: LockoutHouse
  beforeAll(async () => {
    redis = await startRedis()
    house = await startHouse(4, { store: 'redis', redis: { url: redis.url }, keepVerifiedSeconds: 0 })
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await redis?.stop()
  })

  const logIns = async (account: number): Promise<ReadonlySet<number>> =>
    new Set(
      await Promise.all([0, 1, 2, 3].map(async (n) => (await logIn(house.host(n), right(`jane-${account}`))).status)),
    )

  it.each([
    ['killed', 1, () => redis.kill()],
    ['started again', 2, () => redis.restart()],
    ['stopped without a word', 3, async () => redis.pause()],
    ['heard of again', 4, async () => redis.resume()],
  ] as const)(
    'LCK-13: guesses stay bounded and logins go on when it is %s',
    { timeout: 30_000 },
    async (_, account, outage) => {
      const others = await underAttack(guessesAt(house, account), async () => {
        await outage()
        // Logins of others go on: the first in each server finds out, and waits for that.
        return [await logIns(500), await logIns(501)]
      })
      expect(others).toEqual([new Set([200]), new Set([200])])
      const refused = (await house.refusals()).get(account) ?? []
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThanOrEqual(allowed(4, refused))
    },
  )

  it('LCK-12, LCK-13: act as one again when it is back, and said so', { timeout: 30_000 }, async () => {
    await untilBack(async () => (await logIns(502)).has(200) && saysBack(house))
    await attack(guessesAt(house, 5), AbortSignal.timeout(3000), 20)
    const refused = (await house.refusals()).get(5) ?? []
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThanOrEqual(allowed(1, refused))
    for (const server of house.servers) {
      expect(server.log()).toMatch(/"level":"warn".*"audit":"lockout".*"outcome":"store_lost"/)
    }
  })

  it('LCK-13: names whose logins ended without Redis are free soon after it is back, not with the lease', {
    timeout: 60_000,
  }, async () => {
    const [first, second] = house.servers.map(({ host }) => host)
    const names = ['jane-61', 'jane-62', 'jane-63', 'jane-64']
    const slow = names.map((username) => logIn(first ?? '', { username, password: SLOWLY_RIGHT }))
    while ((await house.verifications(64)).right === 0) await delay(20)
    redis.pause()
    // Finds out within three seconds. Of the ends of the slow ones Redis is asked to take note once, if at all.
    expect((await logIn(first ?? '', right('jane-65'))).status).toBe(200)
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    redis.resume()
    await untilBack(async () => (await logIn(first ?? '', right('jane-66'))).status === 200 && saysBack(house))
    const answers = await Promise.all(names.map((username) => logIn(second ?? '', right(username))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(4000)
  })
})
