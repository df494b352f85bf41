// What the lockout costs, next to `consume` of rate-limiter-flexible on the same store and connection, in the same run.
// Shared stores are wrapped as they are in production. A login waits for `reserve` and no more; a limiter that is to
// forget on success has to delete what it consumed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, type DatabaseOptions, openDatabase, sqlLockoutStore } from '@lockkeeper/database'
import {
  createLockout,
  type LockoutStore,
  lockKey,
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

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
/** Turns of each, one after the other, so that a busy neighbour meets them all. */
const ROUNDS = 4
const LIMITS = { points: 1_000_000, duration: 2 }
const LEASE_MS = 15_000
const HOLDER = lockKey({ space: 'holders', name: 'this benchmark' })
let attempts = 0

/** The two that are compared. */
interface Pair {
  readonly store: LockoutStore
  readonly theirs: RateLimiterAbstract
  stop(): Promise<unknown>
}

const COLUMNS = ['consume', 'and delete', 'reserve', 'and release', 'and freeze', 'login', 'refusal'] as const
console.log('  median in µs, and in times of consume')
console.log(`  ${' '.repeat(10)} ${COLUMNS.map((column) => column.padStart(14)).join('')}`)

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

console.log(
  '  reserve, and what follows it: the store alone, for a name and an account at once; a login waits for reserve',
)
console.log(
  '  login, refusal: the whole guard; on top of the store come digests of name, account and secret, and a promise',
)
console.log('  that equal attempts share and others wait for, none of which consume has')

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

interface Attempt {
  readonly name: string
  readonly keys: readonly string[]
  readonly source: string
}

/** One of the columns. What nobody waits for is done `after`, and nothing is left behind for the next one to tidy up. */
interface Work {
  timed(attempt: Attempt): Promise<unknown>
  after?(attempt: Attempt): Promise<unknown>
}

async function compare(name: string, need: Need, start: () => Promise<Pair>): Promise<void> {
  if (need.skip) return console.log(`  ${name.padEnd(10)} skipped${need.note}`)
  const { store, theirs, stop } = await start()
  try {
    const work = worksOn(store, theirs)
    const times = new Map(COLUMNS.map((column) => [column, [] as number[]]))
    for (const column of COLUMNS) await measure(work[column], [])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [column, taken] of times) await measure(work[column], taken)
    }
    const medians = [...times.values()].map(median)
    const [consume = 0] = medians
    const cells = medians.map((time) =>
      `${time.toFixed(time < 10 ? 1 : 0)} (${(time / consume).toFixed(1)})`.padStart(14),
    )
    console.log(`  ${name.padEnd(10)} ${cells.join('')}`)
  } finally {
    await stop()
  }
}

function worksOn(store: LockoutStore, theirs: RateLimiterAbstract): Readonly<Record<(typeof COLUMNS)[number], Work>> {
  const { watched, rest } = watch(store)
  const lockout = createLockout({ store: watched })
  const guard =
    (outcome: string) =>
    ({ name, source }: Attempt) =>
      lockout.guard({ space: 'people', name, secret: 'secret', source }, async (reserve) => ({
        outcome: (await reserve(name)) ? outcome : 'frozen',
      }))
  const reserve = (keys: readonly string[]) => store.reserve(keys, HOLDER, LEASE_MS)
  const release = (keys: readonly string[]) => store.settle(keys, HOLDER, 0, { failures: 0, rememberMs: 0, source: '' })
  const freeze = (keys: readonly string[], source: string) =>
    store.settle(keys, HOLDER, 1500, { failures: 1, rememberMs: 0, source })
  return {
    consume: { timed: ({ name }) => theirs.consume(name), after: ({ name }) => theirs.delete(name) },
    'and delete': { timed: async ({ name }) => [await theirs.consume(name), await theirs.delete(name)] },
    reserve: { timed: ({ keys }) => reserve(keys), after: ({ keys }) => release(keys) },
    'and release': { timed: async ({ keys }) => [await reserve(keys), await release(keys)] },
    'and freeze': {
      timed: async ({ keys, source }) => [await reserve(keys), await freeze(keys, source)],
      after: ({ keys }) => store.clear(keys),
    },
    login: { timed: guard('authenticated'), after: rest },
    refusal: { timed: guard('rejected'), after: async ({ keys }) => [await rest(), await store.clear(keys)] },
  }
}

/** A store, and a promise of all that it was asked and nobody waited for. */
function watch(store: LockoutStore) {
  let asked: Promise<unknown>[] = []
  const noted = <T>(answer: Promise<T>): Promise<T> => {
    asked.push(answer)
    return answer
  }
  const watched: LockoutStore = {
    reserve: (...question) => store.reserve(...question),
    settle: (...question) => noted(store.settle(...question)),
    mark: (...question) => noted(store.mark(...question)),
    isMarked: (...question) => store.isMarked(...question),
    list: (...question) => store.list(...question),
    clear: (...question) => store.clear(...question),
  }
  const rest = () => {
    const all = Promise.all(asked)
    asked = []
    return all
  }
  return { watched, rest }
}

/** Times of one after another, in microseconds, each on a name and from a source of its own. */
async function measure(work: Work, times: number[]): Promise<void> {
  const until = performance.now() + (SECONDS * 1000) / COLUMNS.length / (ROUNDS + 1)
  while (performance.now() < until) {
    attempts += 1
    const name = `person ${attempts}`
    const keys = [lockKey({ space: 'people', name }), lockKey({ space: 'people', account: name })]
    const source = `10.${(attempts >> 16) & 255}.${(attempts >> 8) & 255}.${attempts & 255}`
    const attempt = { name, keys, source }
    const startedAt = performance.now()
    await work.timed(attempt)
    times.push((performance.now() - startedAt) * 1000)
    await work.after?.(attempt)
  }
}

/** A busy neighbour moves a mean, and a median less. */
function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
}
