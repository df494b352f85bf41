import type { Knex } from 'knex'
import type { Dialect } from '../database.ts'
import { toUtcText } from '../values.ts'
import type { TableMaker } from './columns.ts'

/**
 * What Harbor has no column for. These tables stand beside Harbor's, in a database of our own and in one of Harbor's
 * alike, and hold no foreign keys: Harbor must be able to delete its rows.
 */
export async function createLockkeeperTables(tables: TableMaker): Promise<void> {
  await tables.create('lockkeeper_account', (table) => {
    table.integer('account_id').primary()
    table.boolean('disabled').notNullable().defaultTo(false)
    // Who the account is elsewhere. The digest is over (issuer, subject), which may be longer than a key can be.
    table.string('mode', 127)
    table.text('issuer')
    table.text('subject')
    table.string('link_digest', 64).unique()
    // Canonical spellings, for look-ups that ignore case. Not kept on a database of Harbor's, where they need not be unique.
    table.string('canonical_name', 255).unique()
    table.string('canonical_email', 255).unique()
  })
  await tables.create('lockkeeper_group', (table) => {
    // Over (mode, key): two providers may each have a group of one name.
    table.string('digest', 64).primary()
    table.integer('group_id').notNullable()
    table.string('mode', 127).notNullable()
    table.text('group_key').notNullable()
  })
}

/** The login lockout. Keys are digests; instants are milliseconds of the database's clock. */
export async function createLockoutTables(tables: TableMaker): Promise<void> {
  await tables.create('lockkeeper_lockout', (table) => {
    table.string('lock_key', 64).primary()
    table.string('holder', 64).notNullable()
    table.bigInteger('lease_ends_at').notNullable()
    table.bigInteger('frozen_at').notNullable()
    table.bigInteger('frozen_until').notNullable().index()
    table.string('source', 64).notNullable()
    table.integer('failures').notNullable()
    table.bigInteger('forget_at').notNullable()
  })
  await tables.create('lockkeeper_lockout_mark', (table) => {
    table.string('mark_key', 64).primary()
    table.bigInteger('ends_at').notNullable().index()
  })
}

/** The super user is the account with id 1. It is there from the start, has no password yet and so cannot log in. */
export async function createSuperUser(knex: Knex, dialect: Dialect, nowMs: number): Promise<void> {
  const now = toUtcText(nowMs)
  await knex('harbor_user')
    .insert({
      user_id: 1,
      username: 'admin',
      realname: 'system admin',
      comment: 'admin user',
      password: '',
      salt: '',
      password_version: '',
      sysadmin_flag: true,
      creation_time: now,
      update_time: now,
    })
    .onConflict('user_id')
    .ignore()
  await knex('lockkeeper_account').insert({ account_id: 1, canonical_name: 'admin' }).onConflict('account_id').ignore()
  // A serial of PostgreSQL does not notice ids that were given.
  if (dialect === 'postgres') {
    await knex.raw(
      "select setval(pg_get_serial_sequence('harbor_user', 'user_id'), (select max(user_id) from harbor_user))",
    )
  }
}
