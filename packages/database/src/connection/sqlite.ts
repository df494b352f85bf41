import { closeSync, openSync } from 'node:fs'
import type { Knex } from 'knex'
import type { DatabaseSettings } from '../options.ts'

type SqliteSettings = Extract<DatabaseSettings, { client: 'better-sqlite3' }>

/** The part of better-sqlite3 that is used here. */
interface SqliteConnection {
  pragma(text: string): unknown
  prepare(sql: string): unknown
}

const MOST_STATEMENTS = 200

/**
 * SQLite through better-sqlite3: one connection, because it works synchronously. Waiting for another process's lock
 * blocks the event loop, so SQLite itself waits hardly at all; the waiting is done by retries.
 */
export function sqliteConfig({ connection, connectTimeoutMs }: SqliteSettings): Knex.Config {
  return {
    client: 'better-sqlite3',
    connection: { filename: connection.filename },
    useNullAsDefault: true,
    acquireConnectionTimeout: connectTimeoutMs,
    pool: {
      min: 1,
      max: 1,
      afterCreate(db: SqliteConnection, done: (error?: unknown) => void) {
        try {
          for (const pragma of [
            'busy_timeout = 50',
            'journal_mode = WAL',
            'synchronous = NORMAL',
            'foreign_keys = ON',
          ]) {
            db.pragma(pragma)
          }
          keepStatements(db)
          done()
        } catch (error) {
          done(error)
        }
      },
    },
  }
}

/** knex prepares each statement anew, which takes longer than running it; statements are finished when a call returns. */
function keepStatements(db: SqliteConnection): void {
  const prepare = db.prepare.bind(db)
  const kept = new Map<string, unknown>()
  db.prepare = (sql) => {
    const statement = kept.get(sql) ?? prepare(sql)
    if (kept.size >= MOST_STATEMENTS) kept.clear()
    kept.set(sql, statement)
    return statement
  }
}

/** Makes the file before SQLite does, readable by nobody else: it holds password hashes. */
export function makePrivateFile(filename: string): void {
  if (filename !== ':memory:') closeSync(openSync(filename, 'a', 0o600))
}
