// Long: twenty seconds, with real outages.
import { setTimeout as delay } from 'node:timers/promises'
import type { Reserve } from '@lockkeeper/core'
import { createLockout, withFallback } from '@lockkeeper/lockout'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowed, attack, underAttack, untilBack } from '../../../test/e2e/lockout-attack.ts'
import { type MariadbServer, startMariadb } from '../../../test/servers/mariadb.ts'
import { type PostgresServer, startPostgres } from '../../../test/servers/postgres.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type DatabaseOptions, openDatabase, sqlLockoutStore } from '../src/index.ts'
import { login } from './on-every-database.ts'

/** Accounts that are elsewhere: whatever happens to the database, a password is verified in ten milliseconds. */
function accounts() {
  const refusedAt = new Map<string, number[]>()
  const refusals = (name: string): readonly number[] => refusedAt.get(name) ?? []
  const verify = (name: string, password: string) => async (reserve: Reserve) => {
    if (!(await reserve(name))) return { outcome: 'frozen' }
    const isRight = password === 'right'
    if (!isRight) refusedAt.set(name, [...refusals(name), performance.now()])
    await delay(10)
    return { outcome: isRight ? 'authenticated' : 'rejected' }
  }
  return { verify, refusals }
}

/** A lockout on connections of its own, as another process has, and what it said of its store. */
function engineOn(options: DatabaseOptions, { verify }: ReturnType<typeof accounts>) {
  const db = openDatabase(options)
  const said: string[] = []
  // Time enough for a busy machine, which must not look like an outage.
  const store = withFallback(sqlLockoutStore(db), { budgetMs: 3000, onEvent: ({ type }) => said.push(type) })
  // Longer than any test may take: a name that an outage leaves reserved is missed.
  const leaseMs = 300_000
  const lockout = createLockout({ store, leaseMs, keepVerifiedSeconds: 0, sourceFailuresPerMinute: 0 })
  const logIn = async (name: string, secret: string): Promise<string> => {
    const attempt = { space: 'people', name, secret, source: '192.0.2.1' }
    return (await lockout.guard(attempt, verify(name, secret))).result.outcome
  }
  return { db, said, logIn }
}

const SERVERS = [
  { client: 'pg', name: 'PostgreSQL', need: requires('postgres'), start: startPostgres },
  { client: 'mysql2', name: 'MariaDB', need: requires('mariadb'), start: startMariadb },
] as const

const AUTHENTICATED = ['authenticated', 'authenticated', 'authenticated']

// Both at once, since they mostly wait.
describe.concurrent.each(SERVERS)('three engines whose $name goes away', ({ client, need, start }) => {
  describe.skipIf(need.skip)(`with freezes alone in it${need.note}`, { concurrent: false }, () => {
    const people = accounts()
    let server: PostgresServer | MariadbServer
    let engines: readonly ReturnType<typeof engineOn>[] = []
    beforeAll(async () => {
      server = await start()
      const { name } = await server.createDatabase()
      const options = { client, connection: login(server.port, name) } as DatabaseOptions
      engines = [1, 2, 3].map(() => engineOn(options, people))
      await engines[0]?.db.migrate()
    })
    afterAll(async () => {
      await Promise.all(engines.map(({ db }) => db.close()))
      await server?.stop()
    })

    const guessesAt = (name: string) => async (n: number) => engines[n % 3]?.logIn(name, `guess ${n}`)
    const others = () => Promise.all(engines.map(({ logIn }, n) => logIn(`other ${n}`, 'right')))
    const lastSaid = () => new Set(engines.map(({ said }) => said.at(-1)))
    const comeBack = () =>
      untilBack(async () => {
        await others()
        return !lastSaid().has('store_lost')
      })

    const stages = [
      ['it is killed', 'store_lost', () => server.kill()],
      ['it is started again', 'store_back', () => server.restart().then(comeBack)],
      ['it is stopped without a word', 'store_lost', async () => server.pause()],
      ['it goes on', 'store_back', () => Promise.resolve(server.resume()).then(comeBack)],
    ] as const
    it.each(stages)(
      'LCK-13: guesses stay bounded and logins go on when %s, which is told: %s',
      async (name, told, happens) => {
        const seen = await underAttack(guessesAt(name), async () => {
          await happens()
          return [await others(), await others()]
        })
        expect(seen).toEqual([AUTHENTICATED, AUTHENTICATED])
        expect(lastSaid()).toEqual(new Set([told]))
        const refused = people.refusals(name)
        expect(refused.length).toBeGreaterThan(0)
        expect(refused.length).toBeLessThanOrEqual(allowed(3, refused))
      },
    )

    it('LCK-12, LCK-13: they act as one again when it is back', async () => {
      await attack(guessesAt('afterwards'), AbortSignal.timeout(2000), 20)
      const refused = people.refusals('afterwards')
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThanOrEqual(allowed(1, refused))
    })
  })
})
