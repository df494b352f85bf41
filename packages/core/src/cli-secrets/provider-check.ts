import { LOCAL_MODE, localIdentity } from '../account-directory.ts'
import type { AccountRecord } from '../accounts.ts'
import type { Call, Identity } from '../authenticator.ts'
import type { Clock } from '../clock.ts'
import { type BackendUnavailableError, isBackendUnavailable } from '../errors.ts'
import type { ExternalLogin, Grant, Refreshed } from '../external-login.ts'
import type { GrantStore, StoredGrant } from '../grants/grant-store.ts'
import { type GrantShelf, refreshOnce } from '../grants/refresh-once.ts'
import { withBudget } from '../time-budget.ts'

/** How often a provider is asked, and what becomes of its silence. */
export interface ProviderCheckOptions {
  /** How old a provider's word may be, in seconds; 300 by default. At most one refresh of an account in that time. */
  readonly checkEverySeconds?: number
  /**
   * For how long after its last word people get in while the provider cannot be asked, in seconds; 0 by default. The
   * audit says so of each of them. Whoever leaves the organisation in that time still gets in.
   */
  readonly graceSeconds?: number
  /** Longer than any refresh takes, in milliseconds, so that no second one begins meanwhile; 20 000 by default. */
  readonly refreshLeaseMs?: number
}

/** What a check is made of. */
export interface ProviderCheckParts extends ProviderCheckOptions {
  readonly providers: readonly ExternalLogin[]
  readonly grants: GrantStore
  readonly clock: Clock
}

/** What is known of a person without a browser. */
export type Vouched =
  | {
      readonly outcome: 'vouched'
      readonly identity: Identity
      /** Changes with each word of the provider; absent for people with a local account. */
      readonly grantVersion?: string
      /** The provider cannot be asked: it said this at that instant, and the operator lets it count. */
      readonly saidAt?: number
    }
  | { readonly outcome: 'rejected'; readonly reason: string }

/** @throws {BackendUnavailableError} when the provider cannot be asked and no grace is left. */
export type ProviderCheck = (account: AccountRecord, call: Call) => Promise<Vouched>

/** How long nobody waits for a provider that just failed. */
const REST_MS = 5000
/** How long somebody in grace waits for a provider that is slow. */
const PATIENCE_MS = 3000

type Silent = { readonly outcome: 'silent' }
const SILENT: Silent = Object.freeze({ outcome: 'silent' })

/** Makes the question whether the owner of an account is still welcome where the account comes from. */
export function createProviderCheck(parts: ProviderCheckParts): ProviderCheck {
  const { grants, clock, checkEverySeconds = 300, graceSeconds = 0, refreshLeaseMs: leaseMs = 20_000 } = parts
  const providers = new Map(parts.providers.map((provider) => [provider.mode, provider]))
  const rests = createRests(clock)
  // A wall clock that was set back must not make a word last longer.
  const isWithin = (seconds: number, { checkedAt }: StoredGrant) =>
    Math.abs(clock.wallMs() - checkedAt) < seconds * 1000

  return async (account, call) => {
    if (account.mode === LOCAL_MODE) return { outcome: 'vouched', identity: localIdentity(account) }
    const provider = providers.get(account.mode)
    if (provider?.refresh === undefined) return rejected('nobody_to_ask')

    let kept = await grants.read(account.id)
    if (kept === undefined) return rejected('no_grant')
    for (;;) {
      if (isWithin(checkEverySeconds, kept)) return vouched(kept)
      const answer = await (isWithin(graceSeconds, kept) ? askPatiently : ask)(provider, account.id, kept, call)
      switch (answer.outcome) {
        case 'authenticated':
          return vouched({ identity: answer.identity, version: (await grants.read(account.id))?.version })
        case 'silent':
          return { ...vouched(kept), saidAt: kept.checkedAt }
        case 'rejected':
          return answer
        case 'changed':
          // Somebody else asked. Their answer may be without a word on the person, when the provider fell silent.
          kept = answer.kept
      }
    }
  }

  async function ask(provider: ExternalLogin, accountId: number, kept: StoredGrant, { signal }: Call) {
    const { mode } = provider
    const failure = rests.of(mode)
    if (failure) throw failure
    const refresh = (grant: Grant) =>
      rests.watch(mode, async () => provider.refresh?.(grant) ?? rejected('nobody_to_ask'))
    return refreshOnce(kept, shelfOf(accountId, kept), refresh, { clock, signal, leaseMs, mode })
  }

  /** As `ask`, for somebody whom silence does not keep out. The question goes on when nobody waits for it any more. */
  async function askPatiently(...[provider, accountId, kept, call]: Parameters<typeof ask>) {
    try {
      return await withBudget(clock, PATIENCE_MS, (patience) =>
        Promise.race([ask(provider, accountId, kept, call), aborted(patience).then(() => SILENT)]),
      )
    } catch (error) {
      // A store that cannot be read is another matter.
      if (error === rests.of(provider.mode)) return SILENT
      throw error
    }
  }

  function shelfOf(accountId: number, kept: StoredGrant): GrantShelf<StoredGrant> {
    return {
      read: () => grants.read(accountId),
      lease: (holder, ms) => grants.lease(accountId, holder, ms),
      release: (holder) => grants.release(accountId, holder),
      replace: (version, grant, identity) => {
        const word = identity ? { identity, checkedAt: clock.wallMs() } : kept
        return grants.replace(accountId, version, { identity: word.identity, checkedAt: word.checkedAt, grant })
      },
      drop: (version) => grants.remove(accountId, version),
    }
  }
}

/** Remembers how each provider failed last, so that an outage is not waited for again and again. */
function createRests(clock: Clock) {
  const failures = new Map<string, { readonly error: BackendUnavailableError; readonly until: number }>()
  const failed = (mode: string, error: BackendUnavailableError) =>
    failures.set(mode, { error, until: clock.monotonicMs() + REST_MS })

  return {
    of(mode: string): BackendUnavailableError | undefined {
      const failure = failures.get(mode)
      return failure && clock.monotonicMs() < failure.until ? failure.error : undefined
    },
    async watch(mode: string, question: () => Promise<Refreshed>): Promise<Refreshed> {
      try {
        const answer = await question()
        if (answer.outcome === 'unavailable') failed(mode, answer.error)
        else failures.delete(mode)
        return answer
      } catch (error) {
        if (isBackendUnavailable(error)) failed(mode, error)
        throw error
      }
    },
  }
}

const vouched = ({ identity, version }: { readonly identity: Identity; readonly version?: string | undefined }) =>
  ({ outcome: 'vouched', identity, ...(version !== undefined && { grantVersion: version }) }) as const

const rejected = (reason: string) => ({ outcome: 'rejected', reason }) as const

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
