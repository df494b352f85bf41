import type { Identity } from '../authenticator.ts'
import type { Grant } from '../external-login.ts'

/** A provider's grant, and what the provider said when it was last asked. */
export interface GrantRecord {
  readonly grant: Grant
  /** With the groups and the administration of then. */
  readonly identity: Identity
  /** When it said so: milliseconds of the wall clock. */
  readonly checkedAt: number
}

/** A grant as it is kept, and what tells it from every other one that was kept there. */
export interface StoredGrant extends GrantRecord {
  readonly version: string
}

/** Keeps one grant for each account, for logins that come without a browser. */
export interface GrantStore {
  /** @throws {SealBrokenError} when the row was changed or moved. */
  read(accountId: number): Promise<StoredGrant | undefined>
  /** Keeps what a login in the browser gave, in place of what was there. */
  put(accountId: number, record: GrantRecord): Promise<void>
  /** Replaces the grant if it is still that version (compare and swap). */
  replace(accountId: number, version: string, record: GrantRecord): Promise<boolean>
  /** Removes it; with a version, only if it is still that one. */
  remove(accountId: number, version?: string): Promise<boolean>
  /** Reserves the grant for one holder among all processes, in one step. The lease ends by itself, or with the grant. */
  lease(accountId: number, holder: string, leaseMs: number): Promise<boolean>
  release(accountId: number, holder: string): Promise<void>
}
