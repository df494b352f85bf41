import type { Knex } from 'knex'
import type { Dialect } from '../database.ts'

/** Makes tables the same way everywhere. A table that is there already is left alone: MariaDB keeps half of a failed migration. */
export interface TableMaker {
  create(name: string, columns: (table: Knex.CreateTableBuilder) => void): Promise<void>
}

/** @param knex Usually a transaction. */
export async function createTableMaker(knex: Knex, dialect: Dialect): Promise<TableMaker> {
  const collation = dialect === 'mysql' ? await exactCollation(knex) : undefined
  return {
    async create(name, columns) {
      if (await knex.schema.hasTable(name)) return
      await knex.schema.createTable(name, (table) => {
        if (collation !== undefined) {
          table.charset('utf8mb4')
          table.collate(collation)
        }
        columns(table)
      })
    },
  }
}

/** MariaDB and MySQL compare without case and accents unless told otherwise, and ignore blanks at the end besides. */
async function exactCollation(knex: Knex): Promise<string> {
  const [rows] = (await knex.raw('select version() as version')) as [readonly { readonly version: string }[]]
  return /mariadb/i.test(rows[0]?.version ?? '') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
}

/** The two columns that nearly all tables of Harbor have. UTC, without a zone. */
export function times(table: Knex.CreateTableBuilder): void {
  instant(table, 'creation_time')
  instant(table, 'update_time')
}

/** UTC, without a zone; `datetime` in MariaDB, whose `timestamp` ends in 2038 and changes by itself. */
export function instant(table: Knex.CreateTableBuilder, name: string): void {
  table.datetime(name, { useTz: false, precision: 3 }).notNullable()
}
