import type { Knex } from 'knex'
import { instant, type TableMaker, times } from './columns.ts'

/** Roles by Harbor's ids, which are not ordered by power. */
const ROLES = [
  { role_id: 1, role_mask: 0, role_code: 'MDRWS', name: 'projectAdmin' },
  { role_id: 2, role_mask: 0, role_code: 'RWS', name: 'developer' },
  { role_id: 3, role_mask: 0, role_code: 'RS', name: 'guest' },
  { role_id: 4, role_mask: 0, role_code: 'DRWS', name: 'maintainer' },
  { role_id: 5, role_mask: 0, role_code: 'LRS', name: 'limitedGuest' },
]

/**
 * Harbor's tables, as a database of our own has them: the same names and meanings, with columns wide enough for
 * argon2id. Never run on a database that Harbor made.
 */
export async function createHarborTables(knex: Knex, tables: TableMaker): Promise<void> {
  await createPeople(tables)
  await createProjects(tables)
  await createRobots(tables)
  await tables.create('properties', (table) => {
    table.increments('id')
    table.string('k', 64).notNullable().unique()
    table.text('v').notNullable()
  })
  await knex('role').insert(ROLES).onConflict('role_id').ignore()
}

async function createPeople(tables: TableMaker): Promise<void> {
  await tables.create('harbor_user', (table) => {
    table.increments('user_id')
    table.string('username', 255).notNullable().unique()
    table.string('email', 255).unique()
    table.string('password', 255).notNullable()
    table.string('password_version', 32)
    table.string('realname', 255).notNullable()
    table.string('comment', 255)
    table.boolean('deleted').notNullable().defaultTo(false)
    table.string('reset_uuid', 40)
    table.string('salt', 255)
    table.boolean('sysadmin_flag').notNullable().defaultTo(false)
    times(table)
  })
  await tables.create('oidc_user', (table) => {
    table.increments('id')
    table.integer('user_id').unsigned().notNullable().references('harbor_user.user_id')
    table.string('secret', 255).notNullable()
    // The subject, immediately followed by the issuer.
    table.string('subiss', 255).notNullable().unique()
    table.text('token')
    times(table)
  })
  await tables.create('user_group', (table) => {
    table.increments('id')
    table.string('group_name', 255).notNullable().unique()
    // 1 LDAP, 2 HTTP auth proxy, 3 OIDC; ours for any other mode: 0.
    table.smallint('group_type').notNullable()
    table.string('ldap_group_dn', 512).notNullable()
    times(table)
  })
}

async function createProjects(tables: TableMaker): Promise<void> {
  await tables.create('project', (table) => {
    table.increments('project_id')
    table.integer('owner_id').unsigned().notNullable().references('harbor_user.user_id')
    table.string('name', 255).notNullable().unique()
    table.boolean('deleted').notNullable().defaultTo(false)
    table.integer('registry_id')
    times(table)
  })
  await tables.create('project_metadata', (table) => {
    table.increments('id')
    table.integer('project_id').unsigned().notNullable().references('project.project_id')
    table.string('name', 255).notNullable()
    table.string('value', 255)
    times(table)
    table.unique(['project_id', 'name'])
  })
  await tables.create('project_member', (table) => {
    table.increments('id')
    table.integer('project_id').unsigned().notNullable()
    table.integer('entity_id').notNullable()
    // u for a user, g for a group.
    table.specificType('entity_type', 'char(1)').notNullable()
    table.integer('role').notNullable()
    times(table)
    table.unique(['project_id', 'entity_id', 'entity_type'])
  })
  await tables.create('role', (table) => {
    table.integer('role_id').primary()
    table.integer('role_mask').notNullable()
    table.string('role_code', 20)
    table.string('name', 20)
  })
}

async function createRobots(tables: TableMaker): Promise<void> {
  await tables.create('robot', (table) => {
    table.bigIncrements('id')
    table.string('name', 255).notNullable()
    table.string('description', 1024)
    table.string('secret', 2048)
    table.string('salt', 64)
    table.integer('duration')
    // 0 is the system level.
    table.integer('project_id').notNullable()
    // Seconds since the epoch, or -1 for never.
    table.bigInteger('expiresat')
    table.boolean('disabled').notNullable().defaultTo(false)
    table.boolean('visible').notNullable().defaultTo(true)
    table.bigInteger('creator_ref')
    table.string('creator_type', 255)
    times(table)
    table.unique(['name', 'project_id'])
  })
  await tables.create('permission_policy', (table) => {
    table.bigIncrements('id')
    // Narrower than Harbor's 255: a key of MariaDB is at most 3072 bytes.
    table.string('scope', 255).notNullable()
    table.string('resource', 255).notNullable()
    table.string('action', 100).notNullable()
    table.string('effect', 100).notNullable()
    instant(table, 'creation_time')
    table.unique(['scope', 'resource', 'action', 'effect'])
  })
  await tables.create('role_permission', (table) => {
    table.bigIncrements('id')
    table.string('role_type', 255).notNullable()
    table.bigInteger('role_id').notNullable()
    table.bigInteger('permission_policy_id').notNullable()
    instant(table, 'creation_time')
    table.unique(['role_type', 'role_id', 'permission_policy_id'])
  })
}
