import { randomUUID } from 'node:crypto'
import type { Identity } from '../authenticator.ts'
import type { Clock } from '../clock.ts'
import { BackendUnavailableError } from '../errors.ts'
import type { External, Grant, Refreshed } from '../external-login.ts'

const POLL_MS = 50

/** A grant as it is kept, and what tells it from every other one that was kept there. */
export interface KeptGrant {
  readonly grant: Grant
  readonly version: string
}

/** Where one account's grant is kept, among all processes. */
export interface GrantShelf<K extends KeptGrant = KeptGrant> {
  read(): Promise<K | undefined>
  /** Reserves the grant for one holder; the lease ends by itself. */
  lease(holder: string, leaseMs: number): Promise<boolean>
  release(holder: string): Promise<void>
  /**
   * Replaces the grant if it is still that version (compare and swap).
   *
   * @param identity Who the provider says it is now; absent when it gave a grant and fell silent.
   */
  replace(version: string, grant: Grant, identity?: Identity): Promise<boolean>
  /** Drops a grant that the provider refused, if it is still that version. Without this it stays. */
  drop?(version: string): Promise<unknown>
}

/** How {@link refreshOnce} ended; `changed`: somebody else had refreshed it, and this is what they left. */
export type RefreshedOnce<K extends KeptGrant = KeptGrant> =
  | External
  | { readonly outcome: 'changed'; readonly kept: K }

/**
 * Refreshes a grant once, however many ask for it in however many processes: a rotated refresh token that is used twice
 * ends the whole grant at many providers.
 *
 * @param kept What the caller found wanting.
 * @param options.leaseMs Longer than a refresh can take, so that no second one begins meanwhile.
 * @throws {BackendUnavailableError} when the provider cannot be asked, or nobody is done within the time budget.
 */
export async function refreshOnce<K extends KeptGrant>(
  kept: KeptGrant,
  shelf: GrantShelf<K>,
  refresh: (grant: Grant) => Promise<Refreshed>,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly leaseMs: number; readonly mode: string },
): Promise<RefreshedOnce<K>> {
  const { clock, signal, leaseMs, mode } = options
  const holder = randomUUID()
  while (!signal.aborted) {
    const isOurs = await shelf.lease(holder, leaseMs)
    try {
      const now = await shelf.read()
      if (now === undefined) return { outcome: 'rejected', reason: 'grant_removed' }
      if (now.version !== kept.version) return { outcome: 'changed', kept: now }
      if (isOurs) return await refreshAndKeep(now, shelf, refresh)
    } finally {
      if (isOurs) await shelf.release(holder)
    }
    await clock.sleep(POLL_MS, signal)
  }
  throw new BackendUnavailableError(mode, 'another process is still asking the provider')
}

async function refreshAndKeep(
  { grant, version }: KeptGrant,
  shelf: GrantShelf,
  refresh: (grant: Grant) => Promise<Refreshed>,
): Promise<External> {
  const answer = await refresh(grant)
  // Kept whatever comes next: the old grant may be worth nothing by now.
  if (answer.outcome === 'rejected') await shelf.drop?.(version)
  else await shelf.replace(version, answer.grant, 'identity' in answer ? answer.identity : undefined)
  if (answer.outcome === 'unavailable') throw answer.error
  return answer
}
