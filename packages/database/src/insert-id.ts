import type { Knex } from 'knex'

/** Inserts one row and returns the id that the database gave it: PostgreSQL and SQLite return a row, mysql2 the number. */
export async function insertId(knex: Knex, table: string, column: string, row: object): Promise<number> {
  const [inserted]: readonly unknown[] = await knex(table).insert(row, [column])
  if (typeof inserted === 'object' && inserted !== null) return Number(Reflect.get(inserted, column))
  return Number(inserted)
}
