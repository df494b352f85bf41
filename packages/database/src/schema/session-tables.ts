import type { TableMaker } from './columns.ts'

/**
 * What is kept of people between two requests. Ids are stored as digests, secrets as digests, grants sealed. Instants are
 * milliseconds of the wall clock; leases are measured by the database's.
 */
export async function createSessionTables(tables: TableMaker): Promise<void> {
  await tables.create('lockkeeper_session', (table) => {
    table.string('session_id', 128).primary()
    table.string('purpose', 64).notNullable()
    table.integer('account_id').index()
    // Over (issuer, subject) and (issuer, sid): by what a provider's sign-out notice names them.
    table.string('subject_digest', 64).index()
    table.string('provider_session_digest', 64).index()
    table.bigInteger('last_seen_at').notNullable()
    table.bigInteger('expires_at').notNullable().index()
    table.text('record', 'mediumtext').notNullable()
  })
  await tables.create('lockkeeper_secret', (table) => {
    table.string('secret_id', 32).primary()
    table.integer('account_id').notNullable()
    table.string('name', 64).notNullable()
    // The name until it is revoked, and then nothing: so the name is free again.
    table.string('name_in_use', 64)
    table.string('digest', 64).notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('expires_at').index()
    table.bigInteger('last_used_at')
    table.bigInteger('revoked_at').index()
    table.unique(['account_id', 'name_in_use'])
  })
  await tables.create('lockkeeper_grant', (table) => {
    table.integer('account_id').primary()
    table.string('version', 36).notNullable()
    table.text('sealed', 'mediumtext').notNullable()
    table.string('holder', 64).notNullable().defaultTo('')
    table.bigInteger('lease_ends_at').notNullable().defaultTo(0)
  })
  // For the tokens in Harbor's oidc_user, which has no place for it.
  await tables.create('lockkeeper_oidc_lease', (table) => {
    table.integer('account_id').primary()
    table.string('holder', 64).notNullable().defaultTo('')
    table.bigInteger('lease_ends_at').notNullable().defaultTo(0)
  })
}
