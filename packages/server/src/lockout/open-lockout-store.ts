import { parseOptions } from '@lockkeeper/core'
import { sqlLockoutStore } from '@lockkeeper/database'
import { type LockoutListener, type LockoutStore, memoryLockoutStore, withFallback } from '@lockkeeper/lockout'
import * as z from 'zod'
import type { LoadedSettings } from '../config/load.ts'
import { redisSection } from '../config/lockout.ts'
import { readTexts } from '../config/texts.ts'
import type { Stores } from '../stores.ts'

const REDIS = z.strictObject({ redis: redisSection })

/** The store of freezes that is configured. */
export interface OpenLockoutStore {
  /** Makes do without a shared store that is lost. */
  readonly store: LockoutStore
  /** Asks the store itself. @throws {BackendUnavailableError} and other errors that say what is wrong. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the store of freezes. A shared one that is down does not keep the server from starting.
 *
 * @param onEvent Told `store_lost` and `store_back`.
 */
export async function openLockoutStore(
  { settings: { lockout }, folder }: LoadedSettings,
  { database }: Pick<Stores, 'database'>,
  onEvent?: LockoutListener,
): Promise<OpenLockoutStore> {
  const { whenStoreLost: whenLost = 'local', storeTimeoutMs: budgetMs = 250 } = lockout
  const shared = (store: LockoutStore, close: () => Promise<void>): OpenLockoutStore => ({
    store: withFallback(store, { whenLost, budgetMs, ...(onEvent && { onEvent }) }),
    ping: async () => void (await store.list(1)),
    close,
  })
  switch (lockout.store) {
    case 'memory':
      return { store: memoryLockoutStore(), ping: async () => {}, close: async () => {} }
    case 'database':
      return shared(sqlLockoutStore(database), async () => {})
    case 'redis': {
      const { redis } = parseOptions('lockout', REDIS, readTexts('lockout', { redis: lockout.redis }, folder))
      const { openRedisLockoutStore } = await import('./redis.ts')
      const { store, close } = await openRedisLockoutStore(redis)
      return shared(store, close)
    }
  }
}
