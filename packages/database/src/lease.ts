import type { Database } from './database.ts'
import { NOW } from './lockout/statements.ts'

/** A row that can be leased: a table with `account_id`, `holder` and `lease_ends_at`. */
export interface Leased {
  readonly table: 'lockkeeper_grant' | 'lockkeeper_oidc_lease'
  readonly accountId: number
}

/** Leases a row that is there, in one statement: to one holder among all processes, by the database's clock. */
export async function leaseRow(db: Database, row: Leased, holder: string, leaseMs: number): Promise<boolean> {
  const now = NOW[db.dialect]
  const leased = await db.query((knex) =>
    knex(row.table)
      .where('account_id', row.accountId)
      .whereRaw(`(lease_ends_at <= ${now} or holder = ?)`, [holder])
      .update({ holder, lease_ends_at: knex.raw(`${now} + ?`, [Math.ceil(leaseMs)]) }),
  )
  return leased > 0
}

/** Ends the lease of this holder; another one's stays. */
export async function releaseRow(db: Database, { table, accountId }: Leased, holder: string): Promise<void> {
  await db.query((knex) =>
    knex(table).where({ account_id: accountId, holder }).update({ holder: '', lease_ends_at: 0 }),
  )
}
