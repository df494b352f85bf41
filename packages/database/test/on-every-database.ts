import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { startMariadb } from '../../../test/servers/mariadb.ts'
import { startPostgres } from '../../../test/servers/postgres.ts'
import { type Need, requires } from '../../../test/servers/requirements.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../src/index.ts'

/** Databases of one kind, real ones. */
export interface Source {
  /** A new, empty database, as `openDatabase` wants it described. */
  empty(): Promise<DatabaseOptions>
  stop(): Promise<void>
}

/** What a suite works with. */
export interface Fixture {
  readonly name: string
  /** Options of a new, empty database. */
  empty(): Promise<DatabaseOptions>
  /** A database that is up to date, shared by the suite. */
  readonly db: Database
}

async function startSqlite(): Promise<Source> {
  const folder = await mkdtemp(join(tmpdir(), 'lockkeeper-'))
  let files = 0
  return {
    async empty() {
      files += 1
      return { client: 'better-sqlite3', connection: { filename: join(folder, `${files}.sqlite`) } }
    },
    stop: () => rm(folder, { recursive: true }),
  }
}

/** How to reach a database of a test server. */
export const login = (port: number, database: string) => ({ port, database, user: 'test', password: 'test' })

async function postgresSource(): Promise<Source> {
  const server = await startPostgres()
  return {
    async empty() {
      const { name } = await server.createDatabase()
      return { client: 'pg', connection: login(server.port, name) }
    },
    stop: () => server.stop(),
  }
}

async function mariadbSource(): Promise<Source> {
  const server = await startMariadb()
  return {
    async empty() {
      const { name } = await server.createDatabase()
      return { client: 'mysql2', connection: login(server.port, name) }
    },
    stop: () => server.stop(),
  }
}

const KINDS: readonly { readonly name: string; readonly need: Need; start(): Promise<Source> }[] = [
  { name: 'SQLite', need: requires(), start: startSqlite },
  { name: 'PostgreSQL', need: requires('postgres'), start: postgresSource },
  { name: 'MariaDB', need: requires('mariadb'), start: mariadbSource },
]

/** Runs one suite on every kind of database. */
export function onEveryDatabase(define: (fixture: Fixture) => void): void {
  describe.each(KINDS)('on $name', ({ name, need, start }) => {
    let source: Source | undefined
    let db: Database | undefined
    describe.skipIf(need.skip)(`with a real database${need.note}`, () => {
      beforeAll(async () => {
        source = await start()
        db = openDatabase(await source.empty())
        await db.migrate()
      })
      afterAll(async () => {
        await db?.close()
        await source?.stop()
      })
      define({
        name,
        empty: () => source!.empty(),
        get db() {
          return db!
        },
      })
    })
  })
}
