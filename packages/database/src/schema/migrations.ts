import type { Knex } from 'knex'
import type { Dialect } from '../database.ts'
import type { Owner } from '../owner.ts'
import { createTableMaker } from './columns.ts'
import { createHarborTables } from './harbor-tables.ts'
import { createLockkeeperTables, createLockoutTables, createSuperUser } from './lockkeeper-tables.ts'
import { createSessionTables } from './session-tables.ts'

/** Where it is written which migrations ran. */
export const MIGRATIONS_TABLE = 'lockkeeper_migrations'

/** What a migration works with. */
export interface Ground {
  /** A transaction; MariaDB commits each statement that changes the schema. */
  readonly knex: Knex
  readonly dialect: Dialect
  readonly nowMs: number
}

/** One step of the schema. It must be able to run again after it stopped half-way. */
export interface Migration {
  /** Never changed once it was shipped. */
  readonly name: string
  /** On whose databases it runs. */
  readonly on: readonly Owner[]
  up(ground: Ground): Promise<void>
}

/** The record that we, not Harbor, make the tables in this database. */
export const OWN_TABLES = '0001-tables-are-ours'

/** Every step, in order. New ones go to the end. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: OWN_TABLES,
    on: ['lockkeeper'],
    async up() {},
  },
  {
    name: '0002-harbor-tables',
    on: ['lockkeeper'],
    async up({ knex, dialect }) {
      await createHarborTables(knex, await createTableMaker(knex, dialect))
    },
  },
  {
    name: '0003-accounts-and-groups',
    on: ['lockkeeper', 'harbor'],
    async up({ knex, dialect }) {
      await createLockkeeperTables(await createTableMaker(knex, dialect))
    },
  },
  {
    name: '0004-super-user',
    on: ['lockkeeper'],
    up: ({ knex, dialect, nowMs }) => createSuperUser(knex, dialect, nowMs),
  },
  {
    name: '0005-lockout',
    on: ['lockkeeper', 'harbor'],
    async up({ knex, dialect }) {
      await createLockoutTables(await createTableMaker(knex, dialect))
    },
  },
  {
    name: '0006-sessions-and-secrets',
    on: ['lockkeeper', 'harbor'],
    async up({ knex, dialect }) {
      await createSessionTables(await createTableMaker(knex, dialect))
    },
  },
]
