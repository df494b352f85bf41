// What the guard adds to a login on each store, next to one `consume` of rate-limiter-flexible on the same store and
// connection. A login that succeeds waits for one question to the store, one that is refused for two: reserve and freeze.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, type DatabaseOptions, openDatabase, sqlLockoutStore } from '@lockkeeper/database'
import {
  createLockout,
  type LockoutStore,
  memoryLockoutStore,
  redisLockoutStore,
  withFallback,
} from '@lockkeeper/lockout'
import { Redis } from 'ioredis'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterMySQL,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterSQLite,
} from 'rate-limiter-flexible'
import { startMariadb } from '../servers/mariadb.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { type Need, requires } from '../servers/requirements.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4) / 4
/** Turns of each, one after the other, so that a busy neighbour meets both. */
const ROUNDS = 4
let keys = 0
const LIMITS = { points: 1_000_000, duration: 2 }

/** The two that are compared. */
interface Pair {
  readonly store: LockoutStore
  readonly theirs: RateLimiterAbstract
  stop(): Promise<unknown>
}

await compare('memory', requires(), async () => ({
  store: memoryLockoutStore(),
  theirs: new RateLimiterMemory(LIMITS),
  stop: async () => {},
}))
await compare('Redis', requires('redis'), async () => {
  const server = await startRedis()
  const client = new Redis(server.url)
  const stop = async () => {
    client.disconnect()
    await server.stop()
  }
  return {
    store: withFallback(redisLockoutStore(client)),
    theirs: new RateLimiterRedis({ ...LIMITS, storeClient: client }),
    stop,
  }
})
await compare('SQLite', requires(), async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-bench-'))
  const connection = { filename: join(folder, 'bench.sqlite') }
  const stop = () => rm(folder, { recursive: true })
  return onDatabase({ client: 'better-sqlite3', connection }, RateLimiterSQLite, stop)
})
await compare('PostgreSQL', requires('postgres'), async () => {
  const server = await startPostgres()
  const { name: database } = await server.createDatabase()
  const connection = { port: server.port, user: 'test', password: 'test', database }
  return onDatabase({ client: 'pg', connection }, RateLimiterPostgres, () => server.stop())
})
await compare('MariaDB', requires('mariadb'), async () => {
  const server = await startMariadb()
  const { name: database } = await server.createDatabase()
  const connection = { port: server.port, user: 'test', password: 'test', database }
  return onDatabase({ client: 'mysql2', connection }, RateLimiterMySQL, () => server.stop())
})

type SqlLimiter = typeof RateLimiterSQLite | typeof RateLimiterPostgres | typeof RateLimiterMySQL

async function onDatabase(
  options: DatabaseOptions,
  Limiter: SqlLimiter,
  stopServer: () => Promise<unknown>,
): Promise<Pair> {
  const db: Database = openDatabase(options)
  await db.migrate()
  const { promise: made, resolve, reject } = Promise.withResolvers<void>()
  const database = 'database' in options.connection ? { dbName: options.connection.database } : {}
  const theirs = new Limiter(
    { ...LIMITS, ...database, storeClient: db.knex, storeType: 'knex', tableName: 'limits' },
    (error) => (error ? reject(error) : resolve()),
  )
  await made
  const stop = async () => {
    await db.close()
    await stopServer()
  }
  return { store: withFallback(sqlLockoutStore(db)), theirs, stop }
}

async function compare(name: string, need: Need, start: () => Promise<Pair>): Promise<void> {
  if (need.skip) return console.log(`  ${name.padEnd(12)} skipped${need.note}`)
  const { store, theirs, stop } = await start()
  try {
    const lockout = createLockout({
      store,
      keepVerifiedSeconds: 0,
      sourceFailuresPerMinute: 0,
      sprayFailuresPerMinute: 0,
    })
    const guard = (outcome: string) => async (n: number) => {
      const attempt = { space: 'people', name: `${outcome} ${n}`, secret: 'secret', source: '192.0.2.1' }
      await lockout.guard(attempt, async (reserve) => ({ outcome: (await reserve(`id ${n}`)) ? outcome : 'frozen' }))
    }
    const kinds = {
      consume: (n: number) => theirs.consume(`key ${n}`),
      success: guard('authenticated'),
      refusal: guard('rejected'),
    }
    const times = { consume: [] as number[], success: [] as number[], refusal: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      for (const kind of ['consume', 'success', 'refusal'] as const) await measure(kinds[kind], times[kind])
    }
    const consume = median(times.consume)
    const shown = (kind: 'success' | 'refusal') =>
      `${kind} ${median(times[kind]).toFixed(0).padStart(5)} µs (${(median(times[kind]) / consume).toFixed(1)} times)`
    console.log(
      `  ${name.padEnd(12)} consume ${consume.toFixed(0).padStart(5)} µs   ${shown('success')}   ${shown('refusal')}`,
    )
  } finally {
    await stop()
  }
}

/** Times of one after another, in microseconds, each with a key of its own. */
async function measure(work: (n: number) => Promise<unknown>, times: number[]): Promise<void> {
  const until = performance.now() + (SECONDS * 1000) / 3
  for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now()) {
    keys += 1
    await work(keys)
    times.push((performance.now() - sentAt) * 1000)
  }
}

/** A busy neighbour moves a mean, and a median less. */
function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}
