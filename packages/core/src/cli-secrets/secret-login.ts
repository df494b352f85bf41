import { createAccountDirectory } from '../account-directory.ts'
import type { Account, AccountRecord, AccountStore } from '../accounts.ts'
import { type Asking, ask, type Step } from '../ask.ts'
import { type AuditEvent, type AuditSink, unknownName } from '../audit.ts'
import { BackendUnavailableError, isBackendUnavailable } from '../errors.ts'
import type { Frozen, Lockout, Reserve } from '../lockout.ts'
import type { LoginAttempt } from '../login.ts'
import { canonicalName } from '../names.ts'
import { withBudget } from '../time-budget.ts'
import { cliSecretId, isSecretOf } from './cli-secret.ts'
import { LAST_USED_LAG_MS, type NamedSecret, type NamedSecretStore } from './named-secrets.ts'
import { createProviderCheck, type ProviderCheckParts, type Vouched } from './provider-check.ts'

/** How a login with a CLI secret ended. What cannot be told is thrown. */
export type SecretLoginResult =
  | {
      readonly outcome: 'authenticated'
      readonly account: Account
      readonly secret: NamedSecret
      readonly steps: readonly Step[]
    }
  | {
      readonly outcome: 'rejected'
      /** For the operator. */
      readonly reason: string
      /** Monotonic milliseconds before which the answer must not leave. */
      readonly answerAt: number
      readonly steps: readonly Step[]
    }

/**
 * Logs somebody in with a user name and a secret that {@link issueCliSecret} made.
 *
 * @throws {BackendUnavailableError} when a store or the owner's provider cannot tell; it counts as nothing.
 */
export type SecretLogin = (attempt: LoginAttempt) => Promise<SecretLoginResult>

/** What a {@link SecretLogin} is made of, with how often providers are asked. */
export interface SecretLoginParts extends ProviderCheckParts {
  readonly secrets: NamedSecretStore
  readonly accounts: AccountStore
  readonly lockout: Lockout
  readonly audit: AuditSink
  /** Time budget of one login, in milliseconds; 10 000 by default. */
  readonly budgetMs?: number
}

/** What a right secret opens, and by what it is seen that it still does. */
interface Opened {
  readonly outcome: 'authenticated'
  readonly account: Account
  readonly secret: NamedSecret
  readonly vouched: Vouched & { readonly outcome: 'vouched' }
}

interface Refused {
  readonly outcome: 'rejected'
  readonly reason: string
  /** Whose secret was tried, where its id is known. */
  readonly accountId?: number
}

type Verdict = Opened | Refused | Frozen

/**
 * Makes the login with CLI secrets. They are guarded in the lockout's space `secrets`, so that people's passwords and
 * their secrets do not freeze each other. A secret is worth what its owner is: the account must be there and enabled,
 * and the provider that the owner comes from must have said so within an interval. Each attempt leaves one audit record.
 */
export function createSecretLogin(parts: SecretLoginParts): SecretLogin {
  const { secrets, lockout, clock, audit, budgetMs = 10_000 } = parts
  // Nobody comes for the first time by a secret: an account that is gone is not made again.
  const directory = createAccountDirectory(parts.accounts, { onboarding: 'refused' })
  const checkProvider = createProviderCheck(parts)

  return async (attempt) => {
    const arrivedAt = clock.monotonicMs()
    const { username, password: text, source } = attempt
    const record = recorder(attempt)
    const canonical = canonicalName(username)
    const id = cliSecretId(text)
    if (canonical === undefined || id === undefined) {
      record({ outcome: 'rejected', reason: 'malformed', name: unknownName(canonical ?? username) })
      return { outcome: 'rejected', reason: 'malformed', answerAt: lockout.heldUntil(arrivedAt), steps: [] }
    }

    const steps: Step[] = []
    try {
      const { result, answerAt } = await withBudget(clock, budgetMs, (signal) => {
        const asking = { call: { signal }, steps }
        return lockout.guard<Verdict>(
          { space: 'secrets', name: canonical, secret: text, source, signal },
          (reserve) => verify({ id, text, canonical }, reserve, asking),
          { stillTrue: (kept) => isStillTrue(kept, canonical, asking) },
        )
      })
      if (result.outcome === 'authenticated') {
        const { account, secret } = result
        record({ outcome: 'authenticated', ...shown(result) })
        await touch(secret)
        return { outcome: 'authenticated', account, secret, steps }
      }
      const reason = result.outcome === 'frozen' ? 'frozen' : result.reason
      const owner = 'accountId' in result ? { accountId: result.accountId } : {}
      record({ outcome: result.outcome, reason, name: unknownName(canonical), details: { secret: id }, ...owner })
      return { outcome: 'rejected', reason, answerAt, steps }
    } catch (error) {
      const down = isBackendUnavailable(error)
        ? error
        : new BackendUnavailableError('secrets', 'failed unexpectedly', { cause: error })
      record({ outcome: 'unavailable', reason: down.message, name: unknownName(canonical) })
      throw down
    }
  }

  async function verify(
    { id, text, canonical }: { readonly id: string; readonly text: string; readonly canonical: string },
    reserve: Reserve,
    asking: Asking,
  ): Promise<Verdict> {
    const row = await ask(
      'secrets',
      asking,
      () => secrets.find(id),
      (found) => (found ? 'knows it' : 'does not know it'),
    )
    if (!(await reserve(row && String(row.accountId)))) return { outcome: 'frozen' }
    // A wrong secret costs the same whether its id is known or not; what follows is for who had the right one.
    if (!isSecretOf(row, text) || row === undefined) return refused('bad_credentials', row)
    const { digest: _, ...secret } = row
    return open(secret, canonical, asking)
  }

  /** Whether a secret that was right still lets its owner in, and as whom. */
  async function open(secret: NamedSecret, canonical: string, asking: Asking): Promise<Opened | Refused> {
    const record = await ask(
      'accounts',
      asking,
      () => parts.accounts.findById(secret.accountId),
      (found) => (found ? 'has an account' : 'has no account'),
    )
    if (record === undefined) return refused('account_removed', secret)
    const reason = whyNot(secret, record, canonical, clock.wallMs())
    if (reason !== undefined) return refused(reason, secret)
    const vouched = await ask(
      record.mode,
      asking,
      (call) => checkProvider(record, call),
      ({ outcome }) => outcome,
    )
    if (vouched.outcome === 'rejected') return refused(vouched.reason, secret)
    const admission = await ask(
      'accounts',
      asking,
      () => directory.admit(vouched.identity),
      ({ outcome }) => outcome,
    )
    if (admission.outcome !== 'admitted') {
      return refused(admission.outcome === 'refused' ? admission.reason : 'name_conflict', secret)
    }
    const { account } = admission
    // The person at the provider has another account by now.
    if (account.id !== record.id) return refused('linked_elsewhere', secret)
    return { outcome: 'authenticated', account, secret, vouched }
  }

  /** Whether a success that the lockout kept would be the same one now. */
  async function isStillTrue(kept: Verdict, canonical: string, asking: Asking): Promise<boolean> {
    if (kept.outcome !== 'authenticated' || kept.account.version === undefined) return false
    const { id } = kept.secret
    const row = await ask(
      'secrets',
      asking,
      () => secrets.find(id),
      (found) => (found ? 'is kept' : 'is gone'),
    )
    const now = row && (await open(row, canonical, asking))
    return (
      now?.outcome === 'authenticated' &&
      now.account.version === kept.account.version &&
      now.vouched.grantVersion === kept.vouched.grantVersion &&
      now.vouched.saidAt === kept.vouched.saidAt
    )
  }

  /** The list of secrets says when each was used last. It is no reason to keep anybody out. */
  async function touch({ id, lastUsedAt = Number.NEGATIVE_INFINITY }: NamedSecret): Promise<void> {
    const now = clock.wallMs()
    if (now - lastUsedAt >= LAST_USED_LAG_MS) await secrets.touch(id, now).catch(() => {})
  }

  function recorder({ door, source, requestId }: LoginAttempt) {
    return (event: Pick<AuditEvent, 'outcome' | 'reason' | 'mode' | 'accountId' | 'name' | 'details'>): void => {
      const at = new Date(clock.wallMs()).toISOString()
      try {
        audit.record({ type: 'login', at, door, source, ...(requestId !== undefined && { requestId }), ...event })
      } catch {
        // An audit failure is no reason to let anybody in, nor to keep anybody out.
      }
    }
  }
}

function whyNot(
  { revokedAt, expiresAt }: NamedSecret,
  { disabled, username }: AccountRecord,
  canonical: string,
  now: number,
): string | undefined {
  if (revokedAt !== undefined) return 'revoked'
  if (expiresAt !== undefined && now >= expiresAt) return 'expired'
  if (canonicalName(username) !== canonical) return 'not_the_owner'
  return disabled ? 'disabled' : undefined
}

const refused = (reason: string, secret?: Pick<NamedSecret, 'accountId'>): Refused => ({
  outcome: 'rejected',
  reason,
  ...(secret && { accountId: secret.accountId }),
})

/** The record of a success: whose, by which secret, and whether the provider's word was an old one. */
function shown({ account: { id: accountId, username: name, mode }, secret, vouched: { saidAt } }: Opened) {
  const grace = saidAt !== undefined && { provider: 'unavailable', lastChecked: new Date(saidAt).toISOString() }
  return { mode, accountId, name, details: { secret: secret.id, ...grace } }
}
