import type { Clock } from '@lockkeeper/core'
import type { Knex } from 'knex'
import type { Database } from './database.ts'

const SWEEP_EVERY_MS = 10_000
const BATCH = 500
const MOST_BATCHES = 20

/** Rows to be removed: a table, the column of its key, and what they have in common. */
export interface Swept {
  readonly table: string
  readonly key: string
  readonly where: (query: Knex.QueryBuilder) => void
}

/**
 * Removes what is over, in bounded batches: at most 10 000 rows, so that no statement holds many locks.
 *
 * @param most No more than so many, the first in the order that `where` gives.
 * @returns How many there were.
 */
export async function sweep(db: Database, { table, key, where }: Swept, most = BATCH * MOST_BATCHES): Promise<number> {
  for (let removed = 0; ; ) {
    const limit = Math.min(BATCH, most - removed)
    if (limit <= 0) return removed
    const keys: readonly unknown[] = await db.query((knex) => knex(table).modify(where).limit(limit).pluck(key))
    if (keys.length > 0)
      await db.query((knex) =>
        knex(table)
          .whereIn(key, [...keys] as string[])
          .delete(),
      )
    removed += keys.length
    if (keys.length < limit) return removed
  }
}

/** Makes a function that runs work now and then: nobody waits for it, and whoever comes next tries again when it fails. */
export function nowAndThen(clock: Clock, work: () => Promise<unknown>): () => void {
  let lastAt = clock.monotonicMs()
  return () => {
    const now = clock.monotonicMs()
    if (now - lastAt < SWEEP_EVERY_MS) return
    lastAt = now
    work().catch(() => {})
  }
}
