import type { Knex } from 'knex'

/** Which SQL is spoken. MariaDB and MySQL are one dialect. */
export type Dialect = 'sqlite' | 'postgres' | 'mysql'

/** A database that the stores of this package work on. */
export interface Database {
  readonly dialect: Dialect
  /** knex itself, for tables of your own. What it throws is not translated; prefer {@link Database.query}. */
  readonly knex: Knex
  /**
   * Runs one statement within the time limits. It is run again while somebody else's lock is in its way.
   *
   * @throws {BackendUnavailableError} when the database cannot be asked or cannot answer.
   * @throws {ConflictError} when a unique constraint is violated.
   */
  query<T>(work: (knex: Knex) => PromiseLike<T>): Promise<T>
  /** Runs statements all or none, like {@link Database.query}; `work` may run more than once. */
  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>
  /** Whether Harbor made the tables. Then none of them is ever altered; ours, beside them, begin with `lockkeeper_`. */
  isHarbors(): Promise<boolean>
  /**
   * Brings the schema up to date; several processes may do so at once.
   *
   * @returns the names of the migrations that ran now.
   * @throws {ConfigurationError} when the database cannot be used as it is, with what to do.
   */
  migrate(): Promise<readonly string[]>
  /** The names of the migrations that {@link Database.migrate} would run now. @throws like it. */
  pendingMigrations(): Promise<readonly string[]>
  /** Asks the database something. @throws like {@link Database.migrate}. */
  ping(): Promise<void>
  /** Ends all connections, within two seconds even when the server stands still. */
  close(): Promise<void>
}
