// Long: a minute, with real leases and real outages.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MariadbServer, startMariadb } from '../servers/mariadb.ts'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { requires } from '../servers/requirements.ts'
import { HANGING, RIGHT } from './counting-auth.ts'
import { allowed, attack, guessesAt, saysBack, underAttack, untilBack } from './lockout-attack.ts'
import { type Answer, type LockoutHouse, logIn, right, startHouse, type Try } from './lockout-house.ts'
import { databaseSection } from './shared-stores.ts'

const everywhere = (house: LockoutHouse, attempt: Try): Promise<readonly Answer[]> =>
  Promise.all(house.servers.map(({ host }) => logIn(host, attempt)))

const loggedIn = async (house: LockoutHouse): Promise<boolean> =>
  (await everywhere(house, right('jane-1'))).every(({ status }) => status === 200)

const DATABASES = [
  { client: 'pg', name: 'PostgreSQL', need: requires('postgres'), start: startPostgres },
  { client: 'mysql2', name: 'MariaDB', need: requires('mariadb'), start: startMariadb },
] as const

// Both at once, since they mostly wait.
describe.concurrent.each(DATABASES)('two servers whose $name goes away', ({ client, need, start }) => {
  describe.skipIf(need.skip)(`with freezes and accounts in it${need.note}`, { concurrent: false }, () => {
    let database: PostgresServer | MariadbServer
    let house: LockoutHouse
    beforeAll(async () => {
      database = await start()
      const { name } = await database.createDatabase()
      const more = databaseSection(client, database.port, name)
      house = await startHouse(2, { store: 'database', keepVerifiedSeconds: 0 }, more)
      expect(await loggedIn(house)).toBe(true)
    })
    afterAll(async () => {
      await house?.stop()
      await database?.stop()
    })

    it.each([
      ['killed', 11, () => database.kill(), () => database.restart()],
      ['stopped without a word', 12, async () => database.pause(), async () => database.resume()],
    ] as const)(
      'LCK-13: can tell nothing while it is %s, and guesses stay bounded until it is back and after',
      async (_, account, leave, comeBack) => {
        const wrong = { username: `jane-${account}`, password: 'wrong' }
        const answers = await underAttack(guessesAt(house, account), async () => {
          await leave()
          const tries = [right('jane-1'), right('jane-2'), wrong, { ...wrong, username: 'nobody' }]
          const seen = await Promise.all(tries.map((attempt) => everywhere(house, attempt)))
          await comeBack()
          await untilBack(() => loggedIn(house))
          return seen.flat()
        })
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
        // A login may take ten seconds, and its answer is held like that of a refusal.
        expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(15_000)
        const refused = (await house.refusals()).get(account) ?? []
        expect(refused.length).toBeGreaterThan(0)
        expect(refused.length).toBeLessThanOrEqual(allowed(2, refused))
      },
    )

    it('LCK-12, LCK-13: act as one again when it is back', async () => {
      await untilBack(async () => (await loggedIn(house)) && saysBack(house))
      await attack(guessesAt(house, 13), AbortSignal.timeout(2000), 20)
      const refused = (await house.refusals()).get(13) ?? []
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThanOrEqual(allowed(1, refused))
    })
  })
})

const need = requires('postgres')
describe.skipIf(need.skip)(`servers on one PostgreSQL${need.note}`, () => {
  let postgres: PostgresServer
  let database: string
  let house: LockoutHouse
  beforeAll(async () => {
    postgres = await startPostgres()
    database = (await postgres.createDatabase()).name
    const more = databaseSection('pg', postgres.port, database)
    house = await startHouse(2, { store: 'database', storeTimeoutMs: 250, keepVerifiedSeconds: 0 }, more)
    await everywhere(house, right('jane-1'))
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await postgres?.stop()
  })

  it('LCK-13: let people in while somebody locks the table of freezes', { timeout: 30_000 }, async () => {
    const locked = postgres.sql(database, 'begin; lock table lockkeeper_lockout; select pg_sleep(5); commit;')
    await delay(500)
    const answers = await everywhere(house, right('jane-1'))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(2500)
    await attack(guessesAt(house, 2), AbortSignal.timeout(2000), 20)
    const refused = (await house.refusals()).get(2) ?? []
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThanOrEqual(allowed(2, refused))
    await locked
  })

  it('LCK-12: a name that a killed server was verifying is free when its lease ends', { timeout: 60_000 }, async () => {
    const [survivor, doomed] = house.servers
    await untilBack(async () => (await loggedIn(house)) && saysBack(house))
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
