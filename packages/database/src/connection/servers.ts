import type { Knex } from 'knex'
import type { ServerSettings } from '../options.ts'
import { fromUtc } from '../values.ts'
import { type Destroyable, limitStatements, type Queryable } from './statement-limit.ts'

/** Sockets that are open now. A server that stands still never says goodbye, so closing ends them from our side. */
export type OpenSockets = Set<Destroyable>

interface Socket extends Destroyable {
  once(event: 'close', listener: () => void): unknown
}

interface PostgresConnection extends Queryable {
  readonly connection: { readonly stream: Socket }
  setTypeParser(oid: number, parse: (text: string) => unknown): void
}

interface MysqlConnection extends Queryable {
  readonly stream: Socket
}

type Done = (error?: unknown) => void

const INT8 = 20
const TIMESTAMP_WITHOUT_ZONE = 1114

/** PostgreSQL through pg. */
export function postgresConfig(settings: ServerSettings, sockets: OpenSockets): Knex.Config {
  const { connection, connectTimeoutMs, queryTimeoutMs } = settings
  const { tls, ...server } = connection
  return {
    ...pooled(settings, (db: PostgresConnection, done: Done) => {
      keep(db.connection.stream, sockets)
      limitStatements(db, db.connection.stream, queryTimeoutMs)
      db.setTypeParser(INT8, Number)
      db.setTypeParser(TIMESTAMP_WITHOUT_ZONE, fromUtc)
      const session = [
        `set time zone 'UTC'`,
        `set statement_timeout = ${queryTimeoutMs}`,
        // A process that is stopped in the middle of a transaction must not hold its locks for long.
        `set idle_in_transaction_session_timeout = ${queryTimeoutMs}`,
        // A plan kept from when a table was empty would read all of it for one row; before 12 there is no such setting.
        `select set_config(name, 'force_custom_plan', false) from pg_settings where name = 'plan_cache_mode'`,
      ]
      setUp(db, session, db.connection.stream, done)
    }),
    client: 'pg',
    // Old enough for any server; knex would ask, without a time limit.
    version: '12.0',
    connection: {
      ...server,
      ssl: tls,
      application_name: 'lockkeeper',
      connectionTimeoutMillis: connectTimeoutMs,
    },
  }
}

/** MariaDB and MySQL through mysql2. */
export function mysqlConfig(settings: ServerSettings, sockets: OpenSockets): Knex.Config {
  const { connection, connectTimeoutMs, queryTimeoutMs } = settings
  const { tls, ...server } = connection
  // mysql2 checks whose certificate it is only when asked to.
  const ssl = tls === false ? {} : { ssl: { ...(tls !== true && tls), verifyIdentity: true } }
  return {
    ...pooled(settings, (db: MysqlConnection, done: Done) => {
      keep(db.stream, sockets)
      limitStatements(db, db.stream, queryTimeoutMs)
      const session = [
        // Without strict mode a text that is too long is cut in silence; with NO_BACKSLASH_ESCAPES mysql2 escapes wrongly.
        "set time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES', innodb_lock_wait_timeout = 1",
        // Reservations of the lockout rely on the locks that reading takes at this level.
        'set session transaction isolation level repeatable read',
      ]
      setUp(db, session, db.stream, done)
    }),
    client: 'mysql2',
    version: 'latest',
    connection: {
      ...server,
      ...ssl,
      timezone: 'Z',
      connectTimeout: connectTimeoutMs,
      // An object in a value would be expanded into SQL.
      stringifyObjects: true,
    },
  }
}

function pooled(settings: ServerSettings, afterCreate: (db: never, done: Done) => void): Knex.Config {
  const { pool, connectTimeoutMs } = settings
  return {
    acquireConnectionTimeout: connectTimeoutMs,
    pool: {
      min: 0,
      max: pool.max,
      createTimeoutMillis: connectTimeoutMs,
      destroyTimeoutMillis: 500,
      afterCreate,
    },
  }
}

/** The pool forgets a connection whose set-up failed, so its socket is ended here. */
async function setUp(db: Queryable, session: readonly string[], socket: Destroyable, done: Done): Promise<void> {
  try {
    for (const statement of session) await ask(db, statement)
  } catch (error) {
    socket.destroy()
    done(error)
    return
  }
  done()
}

function ask(db: Queryable, statement: string): Promise<void> {
  return new Promise((resolve, reject) => {
    db.query(statement, (error: unknown) => (error ? reject(error) : resolve()))
  })
}

function keep(socket: Socket, sockets: OpenSockets): void {
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
}
