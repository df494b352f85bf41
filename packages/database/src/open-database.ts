import { type Clock, ConfigurationError, systemClock } from '@lockkeeper/core'
import knex, { type Knex } from 'knex'
import { createGuarded, UnusableDatabaseError } from './connection/guarded.ts'
import { mysqlConfig, type OpenSockets, postgresConfig } from './connection/servers.ts'
import { makePrivateFile, sqliteConfig } from './connection/sqlite.ts'
import type { Database, Dialect } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'
import { type DatabaseOptions, type DatabaseSettings, parseDatabaseOptions } from './options.ts'
import { findOwner, type Owner } from './owner.ts'

const DIALECTS = { 'better-sqlite3': 'sqlite', pg: 'postgres', mysql2: 'mysql' } as const satisfies Record<
  string,
  Dialect
>

/**
 * Opens a database: SQLite, PostgreSQL, MariaDB or MySQL. No connection is made yet, so a server that is down is met
 * by the first query, and met again until it is back. Open a SQLite file once per process.
 *
 * @throws {ConfigurationError} with every problem found, also when the driver is not installed.
 */
export function openDatabase(options: DatabaseOptions, parts: { readonly clock?: Clock } = {}): Database {
  const settings = parseDatabaseOptions(options)
  const clock = parts.clock ?? systemClock
  const dialect = DIALECTS[settings.client]
  const sockets: OpenSockets = new Set()
  const pool = openPool(settings, sockets)
  const guarded = createGuarded(pool, clock, settings.queryTimeoutMs)
  let owner: Owner | undefined = settings.owner === 'detect' ? undefined : settings.owner

  return {
    dialect,
    knex: pool,
    query: guarded.query,
    transaction: guarded.transaction,
    async isHarbors() {
      // An empty database is nobody's yet, so only an answer that stays is kept.
      owner ??= await guarded.transaction(findOwner)
      return owner === 'harbor'
    },
    async migrate() {
      const result = await explained(migrate({ dialect, guarded, clock, expected: settings.owner }))
      owner = result.owner
      return result.applied
    },
    pendingMigrations: () => explained(pendingMigrations({ guarded, expected: settings.owner })),
    ping: () => explained(guarded.probe((knex) => knex.select(knex.raw('1 as one'))).then(() => {})),
    async close() {
      await pool.destroy()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function openPool(settings: DatabaseSettings, sockets: OpenSockets): Knex {
  try {
    return knex({
      ...configOf(settings, sockets),
      // With values in messages, password hashes would end up in logs.
      compileSqlOnError: false,
      log: { warn() {}, error() {}, debug() {}, deprecate() {} },
    })
  } catch (error) {
    throw new ConfigurationError('database', [{ path: '', message: whyNot(settings, error) }], { cause: error })
  }
}

function configOf(settings: DatabaseSettings, sockets: OpenSockets): Knex.Config {
  switch (settings.client) {
    case 'better-sqlite3':
      makePrivateFile(settings.connection.filename)
      return sqliteConfig(settings)
    case 'pg':
      return postgresConfig(settings, sockets)
    case 'mysql2':
      return mysqlConfig(settings, sockets)
  }
}

function whyNot(settings: DatabaseSettings, error: unknown): string {
  const { message } = error as Error
  if (message.includes('npm install')) return `the driver is missing: npm install ${settings.client}`
  if (settings.client !== 'better-sqlite3') return message
  return `${settings.connection.filename} cannot be opened: make its folder, and let this process write there`
}

/** At start an outage is an outage; what time does not mend is the operator's to change. */
async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof UnusableDatabaseError)) throw error
    const message = error.message.replace('database: ', '')
    throw new ConfigurationError('database', [{ path: '', message }], { cause: error.cause })
  }
}
