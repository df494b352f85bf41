import { closeSync, openSync } from 'node:fs'
import type { Knex } from 'knex'
import type { DatabaseSettings } from '../options.ts'

type SqliteSettings = Extract<DatabaseSettings, { client: 'better-sqlite3' }>

/** The part of better-sqlite3 that is used here. */
interface SqliteConnection {
  pragma(text: string): unknown
}

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
          done()
        } catch (error) {
          done(error)
        }
      },
    },
  }
}

/** Makes the file before SQLite does, readable by nobody else: it holds password hashes. */
export function makePrivateFile(filename: string): void {
  if (filename !== ':memory:') closeSync(openSync(filename, 'a', 0o600))
}
