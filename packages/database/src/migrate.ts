import { setTimeout as pause } from 'node:timers/promises'
import { BackendUnavailableError, type Clock, ConfigurationError } from '@lockkeeper/core'
import type { Knex } from 'knex'
import type { Guarded } from './connection/guarded.ts'
import type { Dialect } from './database.ts'
import { findOwner, type Owner } from './owner.ts'
import { MIGRATIONS, MIGRATIONS_TABLE, type Migration } from './schema/migrations.ts'
import { toUtcText } from './values.ts'

const WAIT_MS = 30_000
const LOCK = 'lockkeeper_migrate'
/** Any number, as long as every process uses the same. */
const LOCK_NUMBER = 7_240_196_511

interface Parts {
  readonly dialect: Dialect
  readonly guarded: Guarded
  readonly clock: Clock
  readonly expected: Owner | 'detect'
}

/**
 * Runs the migrations that are missing, one process at a time. The lock belongs to the connection: unlike the row that
 * knex's own migrator keeps, it ends with a process that dies.
 */
export async function migrate(parts: Parts): Promise<{ readonly owner: Owner; readonly applied: readonly string[] }> {
  const giveUpAt = parts.clock.monotonicMs() + WAIT_MS
  for (;;) {
    const result = await parts.guarded.transaction((trx) => underLock(trx, parts))
    if (result !== 'locked') return result
    if (parts.clock.monotonicMs() > giveUpAt) {
      throw new BackendUnavailableError('database', 'another process has been migrating for half a minute; try again')
    }
    await pause(50 + Math.random() * 100)
  }
}

async function underLock(trx: Knex.Transaction, parts: Parts) {
  if (!(await takeLock(trx, parts.dialect))) return 'locked'
  try {
    return await bringUpToDate(trx, parts)
  } finally {
    if (parts.dialect === 'mysql') await trx.raw('select release_lock(sha1(concat(database(), ?)))', [LOCK])
  }
}

async function bringUpToDate(trx: Knex.Transaction, { dialect, clock, expected }: Parts) {
  const found = await findOwner(trx)
  refuseSurprise(found, expected)
  const owner = found ?? 'lockkeeper'
  if (!(await trx.schema.hasTable(MIGRATIONS_TABLE))) {
    await trx.schema.createTable(MIGRATIONS_TABLE, (table) => {
      table.string('name', 100).primary()
      table.datetime('applied_at', { useTz: false, precision: 3 }).notNullable()
    })
  }
  const missing = await missingMigrations(trx, owner)
  for (const migration of missing) {
    await migration.up({ knex: trx, dialect, nowMs: clock.wallMs() })
    await trx(MIGRATIONS_TABLE).insert({ name: migration.name, applied_at: toUtcText(clock.wallMs()) })
  }
  return { owner, applied: missing.map(({ name }) => name) }
}

/** The steps that a database lacks, in order. */
async function missingMigrations(knex: Knex, owner: Owner): Promise<readonly Migration[]> {
  const isNew = !(await knex.schema.hasTable(MIGRATIONS_TABLE))
  const done = new Set<unknown>(isNew ? [] : await knex(MIGRATIONS_TABLE).pluck('name'))
  return MIGRATIONS.filter(({ name, on }) => on.includes(owner) && !done.has(name))
}

/** What {@link migrate} would run now; nothing is changed. */
export function pendingMigrations({
  guarded,
  expected,
}: Pick<Parts, 'guarded' | 'expected'>): Promise<readonly string[]> {
  return guarded.transaction(async (trx) => {
    const found = await findOwner(trx)
    refuseSurprise(found, expected)
    return (await missingMigrations(trx, found ?? 'lockkeeper')).map(({ name }) => name)
  })
}

function refuseSurprise(found: Owner | undefined, expected: Owner | 'detect'): void {
  if (expected === 'detect' || found === expected || (found === undefined && expected === 'lockkeeper')) return
  const message =
    found === undefined
      ? 'says harbor, but the database is empty: check the name of the database'
      : `says ${expected}, but the tables were made by ${found}: check the name of the database, or change owner`
  throw new ConfigurationError('database', [{ path: 'owner', message }])
}

/** Asks without waiting, since every statement has a time limit. */
async function takeLock(trx: Knex.Transaction, dialect: Dialect): Promise<boolean> {
  switch (dialect) {
    case 'sqlite':
      // Any write takes SQLite's only lock; whoever comes second is told to try again.
      await trx.raw('pragma user_version = 1')
      return true
    case 'postgres': {
      const { rows } = await trx.raw<{ readonly rows: Taken }>('select pg_try_advisory_xact_lock(?) as taken', [
        LOCK_NUMBER,
      ])
      return rows[0]?.taken === true
    }
    case 'mysql': {
      const [rows] = await trx.raw<[Taken]>('select get_lock(sha1(concat(database(), ?)), 0) as taken', [LOCK])
      return rows?.[0]?.taken === 1
    }
  }
}

type Taken = readonly { readonly taken: unknown }[]
