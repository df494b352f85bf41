import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../clock.ts'
import { BackendUnavailableError } from '../errors.ts'
import type { GrantRecord, GrantStore, StoredGrant } from './grant-store.ts'

/** Parts and bounds of {@link memoryGrants}. */
export interface MemoryGrantsOptions {
  /** The machine's own by default. */
  readonly clock?: Clock
  /** The most grants it holds; 10 000 by default. */
  readonly maxGrants?: number
}

interface Row {
  readonly stored: StoredGrant
  readonly lease?: { readonly holder: string; readonly endsAt: number }
}

/**
 * Keeps grants in memory, for tests and one process; they end with it, and people sign in again.
 *
 * @returns A store whose `put` throws {@link BackendUnavailableError} instead of growing beyond its bound.
 */
export function memoryGrants({ clock = systemClock, maxGrants = 10_000 }: MemoryGrantsOptions = {}): GrantStore {
  const rows = new Map<number, Row>()
  const stored = (record: GrantRecord): StoredGrant => {
    const { grant, identity, checkedAt } = record
    return Object.freeze({ grant, identity, checkedAt, version: randomUUID() })
  }

  return {
    read: async (accountId) => rows.get(accountId)?.stored,
    async put(accountId, record) {
      if (!rows.has(accountId) && rows.size >= maxGrants) {
        throw new BackendUnavailableError('grants', `memory holds ${maxGrants} of them, its limit; raise maxGrants`)
      }
      rows.set(accountId, { stored: stored(record) })
    },
    async replace(accountId, version, record) {
      const row = rows.get(accountId)
      if (row?.stored.version !== version) return false
      rows.set(accountId, { ...row, stored: stored(record) })
      return true
    },
    async remove(accountId, version) {
      if (version !== undefined && rows.get(accountId)?.stored.version !== version) return false
      return rows.delete(accountId)
    },
    async lease(accountId, holder, leaseMs) {
      const row = rows.get(accountId)
      if (row === undefined) return false
      const now = clock.monotonicMs()
      if (row.lease !== undefined && row.lease.endsAt > now && row.lease.holder !== holder) return false
      rows.set(accountId, { ...row, lease: { holder, endsAt: now + leaseMs } })
      return true
    },
    async release(accountId, holder) {
      const row = rows.get(accountId)
      if (row?.lease?.holder === holder) rows.set(accountId, { stored: row.stored })
    },
  }
}
