import { hash } from 'node:crypto'
import { type Clock, systemClock } from '@lockkeeper/core'
import type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from '@lockkeeper/lockout'
import type { Knex } from 'knex'
import type { Database } from '../database.ts'
import {
  among,
  freezeStatement,
  NOW,
  releaseStatement,
  type Statement,
  statusStatement,
  takeStatement,
} from './statements.ts'

const TIDY_EVERY_MS = 10_000
const MOST_AT_ONCE = 500
const TRIES = 5

/**
 * Keeps freezes in the database, so that any number of processes act as one. Taking and settling are one statement
 * each (on MySQL taking is two), and the database's clock measures.
 *
 * On PostgreSQL the statements have names, until a pooler in between turns out not to keep them: PgBouncer does from 1.21
 * on, with `max_prepared_statements`, or when it pools whole sessions.
 *
 * @throws {BackendUnavailableError} from every method while the database cannot be asked; the lockout's `withFallback`
 * makes do without it.
 */
export const sqlLockoutStore = (db: Database, parts: { readonly clock?: Clock } = {}): LockoutStore =>
  new SqlLockoutStore(db, parts.clock ?? systemClock)

class SqlLockoutStore implements LockoutStore {
  readonly #db: Database
  readonly #clock: Clock
  readonly #now: string
  #tidiedAt: number
  /** Whether an insert says what it wrote; unknown until the first one asks the server what it is. */
  #insertsReturn: boolean | undefined
  /** PostgreSQL reads these statements longer than it runs them; what has a name it reads once for each connection. */
  #areNamed: boolean

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
    this.#now = NOW[db.dialect]
    this.#areNamed = db.dialect === 'postgres'
    this.#insertsReturn = db.dialect === 'mysql' ? undefined : true
    this.#tidiedAt = clock.monotonicMs()
  }

  async reserve(given: readonly string[], holder: string, leaseMs: number): Promise<Reservation> {
    const keys = distinct(given)
    const lease = whole(leaseMs)
    for (let tries = 0; keys.length > 0 && tries < TRIES; tries++) {
      const failures = await this.#take(keys, holder, lease)
      if (failures !== undefined) return { outcome: 'granted', failures }
      const status = await this.#status(keys, holder)
      if (status.frozenForMs >= 0) return { outcome: 'frozen', forMs: status.frozenForMs }
      if (status.busyForMs > 0) return { outcome: 'busy', forMs: status.busyForMs }
      // What was in the way has just ended.
    }
    return keys.length === 0 ? { outcome: 'granted', failures: 0 } : { outcome: 'busy', forMs: 1 }
  }

  async settle(given: readonly string[], holder: string, freezeMs: number, trace?: FailureTrace): Promise<void> {
    const keys = distinct(given)
    if (keys.length === 0) return
    const settlement = { holder, freezeMs: whole(freezeMs), ...(trace && { trace: stored(trace) }) }
    const statement = freezeMs > 0 ? freezeStatement : releaseStatement
    await this.#run(statement(this.#db.dialect, keys, settlement))
    this.#tidy()
  }

  async mark(key: string, forMs: number): Promise<void> {
    await this.#db.query((knex) =>
      knex('lockkeeper_lockout_mark')
        .insert({ mark_key: key, ends_at: knex.raw(`${this.#now} + ?`, [whole(Math.max(forMs, 1))]) })
        .onConflict('mark_key')
        .merge(['ends_at']),
    )
    this.#tidy()
  }

  async isMarked(key: string): Promise<boolean> {
    const row: unknown = await this.#db.query((knex) =>
      knex('lockkeeper_lockout_mark').where('mark_key', key).whereRaw(`ends_at > ${this.#now}`).first('mark_key'),
    )
    return row !== undefined
  }

  async list(limit: number): Promise<readonly StoredFreeze[]> {
    const rows: readonly FreezeRow[] = await this.#db.query((knex) =>
      knex('lockkeeper_lockout')
        .whereRaw(`frozen_until >= ${this.#now}`)
        .orderBy('frozen_until', 'desc')
        .limit(whole(limit))
        .select('lock_key', 'frozen_at', 'frozen_until', 'failures', 'source', knex.raw(`${this.#now} as now`)),
    )
    return rows.map((row) => ({
      key: row.lock_key,
      sinceMs: Number(row.now) - row.frozen_at,
      forMs: row.frozen_until - Number(row.now),
      failures: row.failures,
      source: row.source,
    }))
  }

  async clear(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += MOST_AT_ONCE) {
      const some = keys.slice(at, at + MOST_AT_ONCE)
      const { sql, values } = among(this.#db.dialect, some)
      const forget = 'update lockkeeper_lockout set frozen_until = 0, failures = 0, forget_at = 0 where lock_key'
      await this.#run({ sql: `${forget} ${sql}`, values })
    }
  }

  /** @returns the failures remembered, or `undefined` when nothing was taken. */
  async #take(keys: readonly string[], holder: string, leaseMs: number): Promise<number | undefined> {
    this.#insertsReturn ??= await this.#isMariadb()
    const answer = await this.#run(takeStatement(this.#db.dialect, keys, holder, leaseMs, this.#insertsReturn))
    if (!this.#insertsReturn) {
      if (affectedRows(answer) === 0) return undefined
      return (await this.#status(keys, holder)).failures
    }
    const rows = rowsOf<TakenRow>(answer)
    if (rows.length === 0) return undefined
    return Math.max(...rows.map((row) => (row.forget_at > row.lease_ends_at - leaseMs ? row.failures : 0)))
  }

  async #status(keys: readonly string[], holder: string) {
    const [row] = rowsOf<StatusRow>(await this.#run(statusStatement(this.#db.dialect, keys, holder)))
    const now = Number(row?.now)
    return {
      frozenForMs: Number(row?.frozen_until ?? 0) - now,
      busyForMs: Number(row?.busy_until ?? 0) - now,
      failures: Number(row?.failures ?? 0),
    }
  }

  /** MySQL, and MariaDB before 10.5, cannot return rows from an insert. */
  async #isMariadb(): Promise<boolean> {
    const [row] = rowsOf<{ readonly version: string }>(
      await this.#run({ sql: 'select version() as version', values: [] }),
    )
    const [, major, minor] = /^(\d+)\.(\d+).*MariaDB/i.exec(row?.version ?? '') ?? []
    return Number(major) > 10 || (Number(major) === 10 && Number(minor) >= 5)
  }

  async #run(statement: Statement): Promise<unknown> {
    const named = this.#areNamed
    try {
      return await this.#query(statement, named)
    } catch (error) {
      if (!named || !isNameTrouble(error)) throw error
      // A pooler in between lends connections that know other names. The statement was not run.
      this.#areNamed = false
      return this.#query(statement, false)
    }
  }

  #query({ sql, values }: Statement, named: boolean): Promise<unknown> {
    return this.#db.query((knex: Knex): PromiseLike<unknown> => {
      const statement = knex.raw(sql, [...values])
      return named ? statement.options({ name: hash('sha1', sql) }) : statement
    })
  }

  /** Removes what is over, now and then. Nobody waits for it, and whoever comes next tries again when it fails. */
  #tidy(): void {
    const now = this.#clock.monotonicMs()
    if (now - this.#tidiedAt < TIDY_EVERY_MS) return
    this.#tidiedAt = now
    const over = ['frozen_until', 'lease_ends_at', 'forget_at'].map((column) => `${column} < ${this.#now}`)
    const locks = { sql: `delete from lockkeeper_lockout where ${over.join(' and ')}`, values: [] }
    const marks = { sql: `delete from lockkeeper_lockout_mark where ends_at < ${this.#now}`, values: [] }
    Promise.all([this.#run(locks), this.#run(marks)]).catch(() => {})
  }
}

interface TakenRow {
  readonly failures: number
  readonly forget_at: number
  readonly lease_ends_at: number
}

interface StatusRow {
  readonly now: unknown
  readonly frozen_until: unknown
  readonly busy_until: unknown
  readonly failures: unknown
}

interface FreezeRow {
  readonly lock_key: string
  readonly frozen_at: number
  readonly frozen_until: number
  readonly failures: number
  readonly source: string
  readonly now: unknown
}

/** `duplicate_prepared_statement`, and `invalid_sql_statement_name`: one that does not exist. */
const NAME_TROUBLE: ReadonlySet<unknown> = new Set(['42P05', '26000'])

const isNameTrouble = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && NAME_TROUBLE.has(error.code)

/** A statement cannot touch one row twice. */
const distinct = (keys: readonly string[]): readonly string[] => [...new Set(keys)]

/** The database counts whole milliseconds; a freeze is never rounded down. */
const whole = (number: number): number => Math.ceil(number)

const stored = ({ failures, rememberMs, source }: FailureTrace) => ({
  failures,
  rememberMs: whole(rememberMs),
  source: source.slice(0, 64),
})

/** What `raw` resolves to: rows in SQLite, a result with rows in PostgreSQL, rows with their description in mysql2. */
function rowsOf<Row>(answer: unknown): readonly Row[] {
  if (typeof answer === 'object' && answer !== null && 'rows' in answer) return answer.rows as readonly Row[]
  const [first] = answer as readonly unknown[]
  return (Array.isArray(first) ? first : answer) as readonly Row[]
}

function affectedRows(answer: unknown): number {
  const [header] = answer as readonly [{ readonly affectedRows: number }]
  return header.affectedRows
}
