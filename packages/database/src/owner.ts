import type { Knex } from 'knex'
import { MIGRATIONS_TABLE, OWN_TABLES } from './schema/migrations.ts'

/** Who made the tables. */
export type Owner = 'lockkeeper' | 'harbor'

/**
 * Finds out who made the tables: Harbor, when there are users but no record that we made the table they are in. That
 * record is written before the table, so a start that was interrupted half-way is not taken for Harbor.
 *
 * @returns `undefined` for an empty database.
 */
export async function findOwner(knex: Knex): Promise<Owner | undefined> {
  if (await knex.schema.hasTable(MIGRATIONS_TABLE)) {
    const ours: unknown = await knex(MIGRATIONS_TABLE).where({ name: OWN_TABLES }).first()
    if (ours !== undefined) return 'lockkeeper'
  }
  return (await knex.schema.hasTable('harbor_user')) ? 'harbor' : undefined
}
