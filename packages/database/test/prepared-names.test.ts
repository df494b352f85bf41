import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../test/servers/postgres.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type Database, openDatabase, sqlLockoutStore } from '../src/index.ts'
import { login } from './on-every-database.ts'

const need = requires('postgres')
describe.skipIf(need.skip)(`the lockout behind a pooler that keeps no prepared statements${need.note}`, () => {
  const granted = { outcome: 'granted', failures: 0 }
  const opened: Database[] = []
  let server: PostgresServer
  let database: string
  beforeAll(async () => {
    server = await startPostgres()
    database = (await server.createDatabase()).name
    await connection().migrate()
  }, 60_000)
  afterAll(async () => {
    for (const db of opened) await db.close()
    await server?.stop()
  })

  /** One connection, so that it is known who meets which names. */
  function connection(): Database {
    const db = openDatabase({ client: 'pg', connection: login(server.port, database), pool: { max: 1 } })
    opened.push(db)
    return db
  }

  const namesIn = (db: Database): Promise<string[]> => db.query((knex) => knex('pg_prepared_statements').pluck('name'))

  it('LCK-12: goes on without names on a connection that forgot them', async () => {
    const db = connection()
    const store = sqlLockoutStore(db)
    expect(await store.reserve(['a'], 'one', 5000)).toEqual(granted)
    expect(await namesIn(db)).toHaveLength(1)
    await db.query((knex) => knex.raw('deallocate all'))
    expect(await store.reserve(['b'], 'one', 5000)).toEqual(granted)
    expect(await store.reserve(['b'], 'two', 5000)).toMatchObject({ outcome: 'busy' })
    await store.settle(['a', 'b'], 'one', 5000)
    expect(await store.reserve(['a'], 'two', 5000)).toMatchObject({ outcome: 'frozen' })
    expect(await namesIn(db)).toEqual([])
  })

  it('LCK-12: goes on without names on a connection that others gave them', async () => {
    const first = connection()
    await sqlLockoutStore(first).reserve(['c'], 'one', 5000)
    const [name = ''] = await namesIn(first)
    const db = connection()
    await db.query((knex) => knex.raw('prepare ?? as select 1', [name]))
    const store = sqlLockoutStore(db)
    const keys = ['d', 'e', 'f']
    const all = await Promise.all(keys.map((key) => store.reserve([key], 'one', 5000)))
    expect(all).toEqual([granted, granted, granted])
    expect(await namesIn(db)).toEqual([name])
  })
})
