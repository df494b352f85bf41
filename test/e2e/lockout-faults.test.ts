// Long: about a minute, with real leases and real outages.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { type RedisServer, startRedis } from '../servers/redis.ts'
import { requires } from '../servers/requirements.ts'
import { HANGING, RIGHT, SLOWLY_RIGHT } from './counting-auth.ts'
import { type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'
import { databaseSection } from './shared-stores.ts'

/** Guesses at an account from every server, one after another on each, until told to stop. @returns Seconds guessed. */
async function attack(house: LockoutHouse, account: number, until: AbortSignal, everyMs = 50): Promise<number> {
  const startedAt = performance.now()
  const answers: Promise<unknown>[] = []
  for (let n = 0; !until.aborted; n += 1) {
    answers.push(logIn(house.host(n), { username: `jane-${account}`, password: `guess ${n}` }).catch(() => undefined))
    await delay(everyMs)
  }
  await Promise.all(answers)
  return (performance.now() - startedAt) / 1000
}

/** So many refused verifications may be seen in so many seconds, by processes that do not know of each other. */
const allowed = (processes: number, seconds: number): number => processes * (1 + seconds / 1.5)

/** Asks until every server that lost its store has said that it is back; it is asked once a second. */
async function untilBack(house: LockoutHouse, ask: () => Promise<unknown>): Promise<void> {
  const isBack = ({ log }: { log(): string }) => {
    const [lost, back] = ['store_lost', 'store_back'].map((event) => log().lastIndexOf(`"outcome":"${event}"`))
    return (lost ?? 0) <= (back ?? 0)
  }
  const giveUpAt = performance.now() + 15_000
  while (!house.servers.every(isBack)) {
    if (performance.now() > giveUpAt) throw new Error('a server does not say that its store is back')
    await ask()
    await delay(250)
  }
}

const needRedis = requires('redis')
describe.skipIf(needRedis.skip)(`four servers whose Redis goes away${needRedis.note}`, () => {
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

  async function underAttack(account: number, outage: () => Promise<unknown>) {
    const stop = new AbortController()
    const attacked = attack(house, account, stop.signal)
    await delay(1000)
    await outage()
    // Logins of others go on: the first in each server finds out, and waits for that.
    const others = [await logIns(500), await logIns(501)]
    await delay(1000)
    stop.abort()
    const seconds = await attacked
    return { others, seconds, ...(await house.verifications(account)) }
  }

  it.each([
    ['killed', 1, () => redis.kill()],
    ['started again', 2, () => redis.restart()],
    ['stopped without a word', 3, async () => redis.pause()],
    ['heard of again', 4, async () => redis.resume()],
  ] as const)(
    'LCK-13: guesses stay bounded and logins go on when it is %s',
    { timeout: 30_000 },
    async (_, account, outage) => {
      const { others, seconds, wrong } = await underAttack(account, outage)
      expect(others).toEqual([new Set([200]), new Set([200])])
      expect(wrong).toBeGreaterThan(0)
      expect(wrong).toBeLessThanOrEqual(allowed(4, seconds))
    },
  )

  it('LCK-12, LCK-13: act as one again when it is back, and said so', { timeout: 30_000 }, async () => {
    await untilBack(house, () => logIns(502))
    const seconds = await attack(house, 5, AbortSignal.timeout(3000), 20)
    const { wrong } = await house.verifications(5)
    expect(wrong).toBeGreaterThan(0)
    expect(wrong).toBeLessThanOrEqual(allowed(1, seconds))
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
    await untilBack(house, () => logIn(first ?? '', right('jane-66')))
    const answers = await Promise.all(names.map((username) => logIn(second ?? '', right(username))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(4000)
  })
})

const needPostgres = requires('postgres')
describe.skipIf(needPostgres.skip)(`servers on one PostgreSQL${needPostgres.note}`, () => {
  let postgres: PostgresServer
  let database: string
  let house: LockoutHouse
  beforeAll(async () => {
    postgres = await startPostgres()
    database = (await postgres.createDatabase()).name
    const more = databaseSection('pg', postgres.port, database)
    house = await startHouse(2, { store: 'database', storeTimeoutMs: 250, keepVerifiedSeconds: 0 }, more)
    await Promise.all([0, 1].map((n) => logIn(house.host(n), right('jane-1'))))
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await postgres?.stop()
  })

  it('LCK-13: let people in while somebody locks the table of freezes', { timeout: 30_000 }, async () => {
    const locked = postgres.sql(database, 'begin; lock table lockkeeper_lockout; select pg_sleep(5); commit;')
    await delay(500)
    const answers = await Promise.all([0, 1].map((n) => logIn(house.host(n), right('jane-1'))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(2500)
    const seconds = await attack(house, 2, AbortSignal.timeout(2000), 20)
    expect((await house.verifications(2)).wrong).toBeLessThanOrEqual(allowed(2, seconds))
    await locked
  })

  it('LCK-12: a name that a killed server was verifying is free when its lease ends', { timeout: 60_000 }, async () => {
    const [survivor, doomed] = house.servers
    await untilBack(house, () => Promise.all([0, 1].map((n) => logIn(house.host(n), right('jane-1')))))
    const hanging = logIn(doomed?.host ?? '', { username: 'jane-3', password: HANGING }).catch(() => 'cut')
    await delay(500)
    await doomed?.kill()
    expect(await hanging).toBe('cut')
    const killedAt = performance.now()
    const statuses: number[] = []
    while (statuses.at(-1) !== 200 && performance.now() - killedAt < 30_000) {
      statuses.push((await logIn(survivor?.host ?? '', { username: 'jane-3', password: RIGHT })).status)
    }
    expect(statuses.at(-1)).toBe(200)
    // Until then it could not tell: nobody was refused, and nothing was frozen.
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([503]))
    expect(performance.now() - killedAt).toBeGreaterThan(5000)
    expect(performance.now() - killedAt).toBeLessThan(20_000)
  })
})
