import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../../../test/servers/free-port.ts'
import { type MariadbServer, startMariadb } from '../../../test/servers/mariadb.ts'
import { type PostgresServer, startPostgres } from '../../../test/servers/postgres.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type Database, type DatabaseOptions, openDatabase, sqlAccounts } from '../src/index.ts'
import { login } from './on-every-database.ts'

const SERVERS = [
  { client: 'pg', name: 'PostgreSQL', need: requires('postgres'), start: startPostgres },
  { client: 'mysql2', name: 'MariaDB', need: requires('mariadb'), start: startMariadb },
] as const

const FAST = { queryTimeoutMs: 400, connectTimeoutMs: 400 }
const UNAVAILABLE = { code: 'ERR_BACKEND_UNAVAILABLE', backend: 'database' }
const admin = { typed: 'admin', canonical: 'admin' }

async function timed<T>(work: Promise<T>): Promise<{ readonly ms: number; readonly error: unknown }> {
  const startedAt = performance.now()
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { ms: performance.now() - startedAt, error }
}

/** Asks until it is answered; recovery needs nobody's help. */
async function recovery(db: Database): Promise<number> {
  const startedAt = performance.now()
  for (;;) {
    const found = await sqlAccounts(db)
      .findByName(admin)
      .catch(() => undefined)
    if (found) return performance.now() - startedAt
    if (performance.now() - startedAt > 10_000) throw new Error('did not recover within ten seconds')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

describe.each(SERVERS)('an outage of $name', ({ client, need, start }) => {
  describe.skipIf(need.skip)(`a real server${need.note}`, () => {
    let server: PostgresServer | MariadbServer
    let options: DatabaseOptions
    let db: Database

    beforeAll(async () => {
      server = await start()
      const { name } = await server.createDatabase()
      options = { client, connection: login(server.port, name), pool: { max: 3 }, ...FAST } as DatabaseOptions
      db = openDatabase(options)
      await db.migrate()
    })
    afterAll(async () => {
      await db?.close()
      await server?.stop()
    })

    it('at start is met by the first query, quickly', async () => {
      const port = await freePort()
      const early = openDatabase({ ...options, connection: login(port, 'nothing') } as DatabaseOptions)
      const { ms, error } = await timed(sqlAccounts(early).findByName(admin))
      expect(error).toMatchObject({ ...UNAVAILABLE, message: 'database: the server cannot be reached' })
      expect(ms).toBeLessThan(1000)
      await expect(early.ping()).rejects.toMatchObject(UNAVAILABLE)
      await expect(early.migrate()).rejects.toMatchObject(UNAVAILABLE)
      await expect(early.isHarbors()).rejects.toMatchObject(UNAVAILABLE)
      await early.close()
    })

    it('by a crash is told quickly, and ends by itself when the server is back', async () => {
      await server.kill()
      const { ms, error } = await timed(sqlAccounts(db).findByName(admin))
      expect(error).toMatchObject(UNAVAILABLE)
      expect(ms).toBeLessThan(1000)
      for (let i = 0; i < 20; i++)
        expect((await timed(sqlAccounts(db).findByName(admin))).error).toMatchObject(UNAVAILABLE)
      await server.restart()
      expect(await recovery(db)).toBeLessThan(2000)
    })

    it('ends for everybody with a ping that succeeds', async () => {
      await server.kill()
      for (let i = 0; i < 6; i++) await expect(sqlAccounts(db).findByName(admin)).rejects.toMatchObject(UNAVAILABLE)
      await server.restart()
      await db.ping()
      expect(await sqlAccounts(db).findByName(admin)).toBeDefined()
    })

    it('by standing still is bounded, for every query that waits, and ends by itself', async () => {
      await sqlAccounts(db).findByName(admin)
      server.pause()
      try {
        // One after another, through three connections, they would take twenty time limits.
        const waiting = Array.from({ length: 60 }, () => timed(sqlAccounts(db).findByName(admin)))
        for (const { ms, error } of await Promise.all(waiting)) {
          expect(error).toMatchObject(UNAVAILABLE)
          expect(ms).toBeLessThan(10 * FAST.queryTimeoutMs)
        }
        const transaction = await timed(db.transaction(async (trx) => void (await trx('harbor_user').first())))
        expect(transaction.error).toMatchObject(UNAVAILABLE)
        expect(transaction.ms).toBeLessThan(10 * FAST.queryTimeoutMs)
      } finally {
        server.resume()
      }
      expect(await recovery(db)).toBeLessThan(2000)
    })

    it('in the middle of a transaction undoes it', async () => {
      const accounts = sqlAccounts(db)
      const work = db.transaction(async (trx) => {
        await trx('harbor_user').where('user_id', 1).update({ realname: 'half-way' })
        await server.kill()
        await trx('harbor_user').where('user_id', 1).update({ realname: 'done' })
      })
      await expect(work).rejects.toMatchObject(UNAVAILABLE)
      await server.restart()
      await recovery(db)
      expect(await accounts.findById(1)).toMatchObject({ displayName: 'system admin' })
    })

    it('leaves no connection behind', async () => {
      const other = openDatabase(options)
      await sqlAccounts(other).findByName(admin)
      server.pause()
      try {
        const { ms } = await timed(other.close())
        expect(ms).toBeLessThan(2000)
      } finally {
        server.resume()
      }
      await recovery(db)
      await db.close()
      const sockets = () => process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap')
      await vi.waitFor(() => expect(sockets()).toEqual([]), 2000)
      await expect(sqlAccounts(db).findById(1)).rejects.toMatchObject(UNAVAILABLE)
      db = openDatabase(options)
    })

    it('is told apart from what the operator has to change', async () => {
      const wrong = [
        { connection: { ...login(server.port, 'nothing'), password: 'wrong' }, says: /refuses the user/ },
        { connection: login(server.port, 'no_such_database'), says: /does not exist|may not/ },
      ]
      for (const { connection, says } of wrong) {
        const misled = openDatabase({ ...options, connection } as DatabaseOptions)
        await expect(misled.ping()).rejects.toMatchObject({
          code: 'ERR_CONFIGURATION',
          message: expect.stringMatching(says),
        })
        await expect(sqlAccounts(misled).findById(1)).rejects.toMatchObject(UNAVAILABLE)
        await misled.close()
      }
    })

    it('of the session’s locks ends after a while instead of waiting for ever', async () => {
      const held = Promise.withResolvers<void>()
      const holds = Promise.withResolvers<void>()
      const other = openDatabase({ ...options, queryTimeoutMs: 5000 })
      const holder = other.transaction(async (trx) => {
        await trx('harbor_user').where('user_id', 1).update({ realname: 'held' })
        holds.resolve()
        await held.promise
      })
      await holds.promise
      const { ms, error } = await timed(sqlAccounts(db).updateProfile(1, { displayName: 'waiting' }))
      expect(error).toMatchObject(UNAVAILABLE)
      expect(ms).toBeLessThan(3000)
      held.resolve()
      await holder
      await sqlAccounts(db).updateProfile(1, { displayName: 'free' })
      await other.close()
    })
  })
})
