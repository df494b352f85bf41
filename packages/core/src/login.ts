import type { Account, AccountDirectory } from './accounts.ts'
import { type AuditEvent, type AuditSink, type Door, unknownName } from './audit.ts'
import type { AuthModeRegistry } from './auth-mode-registry.ts'
import type { Identity } from './authenticator.ts'
import type { Clock } from './clock.ts'
import { type BackendUnavailableError, isBackendUnavailable } from './errors.ts'
import type { Lockout } from './lockout.ts'
import { createModeSearch, type Step, type SuperUser, type Verdict } from './mode-search.ts'
import { canonicalName, isUsablePassword } from './names.ts'

/** A name and a password, and where they were presented. */
export interface LoginAttempt {
  readonly username: string
  readonly password: string
  /** The network address it came from. */
  readonly source: string
  readonly door: Door
  readonly requestId?: string
}

/** How a login ended. What cannot be told is thrown. */
export type LoginResult =
  | {
      readonly outcome: 'authenticated'
      readonly account: Account
      readonly identity: Identity
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
 * Logs somebody in.
 *
 * @throws {BackendUnavailableError} when a mode or a store cannot tell; it counts as nothing.
 */
export type Login = (attempt: LoginAttempt) => Promise<LoginResult>

/** What a login is made of. */
export interface LoginParts {
  readonly modes: AuthModeRegistry
  /** The modes to ask, in order; the first that knows a name owns it. */
  readonly order: readonly string[]
  /** One account that always verifies in one mode, so that a wrong configuration locks no operator out. */
  readonly superUser?: SuperUser
  readonly lockout: Lockout
  readonly accounts: AccountDirectory
  readonly clock: Clock
  readonly audit: AuditSink
  /** Time budget of one login, in milliseconds; 10 000 by default. */
  readonly budgetMs?: number
}

/**
 * Puts modes, lockout and accounts together. Everything that could tell something, look-up, verification and
 * admission, runs inside the lockout's guard.
 *
 * @throws {ConfigurationError} when the order names a mode that is not registered, is empty, or does not ask a mode
 * that claims every name last.
 */
export function createLogin(parts: LoginParts): Login {
  const { lockout, clock, audit } = parts
  const search = createModeSearch(parts)
  const outages = createOutageMemory(clock)

  return async (attempt) => {
    const arrivedAt = clock.monotonicMs()
    const steps: Step[] = []
    const canonical = canonicalName(attempt.username)
    const record = (event: Pick<AuditEvent, 'outcome' | 'reason' | 'mode' | 'accountId' | 'name'>) =>
      recordLogin(audit, clock, attempt, event)

    if (canonical === undefined || !isUsablePassword(attempt.password)) {
      record({ outcome: 'rejected', reason: 'malformed', name: unknownName(attempt.username) })
      return { outcome: 'rejected', reason: 'malformed', answerAt: lockout.heldUntil(arrivedAt), steps }
    }

    const signal = AbortSignal.timeout(parts.budgetMs ?? 10_000)
    try {
      const guarded = await lockout.guard<Verdict>(
        { space: 'people', name: canonical, secret: attempt.password, source: attempt.source, signal },
        (reserve) =>
          search({ typed: attempt.username, canonical }, attempt.password, { reserve, call: { signal }, steps }),
      )
      const { result, answerAt } = guarded
      if (result.outcome === 'authenticated') {
        const { account, identity } = result
        record({ outcome: 'authenticated', mode: identity.mode, accountId: account.id, name: account.username })
        return { outcome: 'authenticated', account, identity, steps }
      }
      // A frozen attempt asked nobody; while a mode is known to be down it must not look different from one that asked.
      const down = result.outcome === 'frozen' ? outages.recent() : result.down
      if (down) throw down
      const reason = result.outcome === 'frozen' ? 'frozen' : result.reason
      const known = result.outcome === 'rejected' ? result.known : undefined
      record({
        outcome: result.outcome,
        reason,
        name: known?.name ?? unknownName(canonical),
        ...(known && { mode: known.mode }),
      })
      return { outcome: 'rejected', reason, answerAt, steps }
    } catch (error) {
      if (isBackendUnavailable(error)) {
        outages.remember(error, lockout.heldUntil(clock.monotonicMs()))
        record({ outcome: 'unavailable', reason: error.message, name: unknownName(canonical) })
      }
      throw error
    }
  }
}

function recordLogin(
  audit: AuditSink,
  clock: Clock,
  attempt: LoginAttempt,
  event: Pick<AuditEvent, 'outcome' | 'reason' | 'mode' | 'accountId' | 'name'>,
): void {
  const { door, source, requestId } = attempt
  try {
    audit.record({
      type: 'login',
      at: new Date(clock.wallMs()).toISOString(),
      door,
      source,
      ...(requestId !== undefined && { requestId }),
      ...event,
    })
  } catch {
    // A sink that throws must decide nothing.
  }
}

/** Remembers the last outage for as long as a freeze that it left behind may run. */
function createOutageMemory(clock: Clock) {
  let last: { error: BackendUnavailableError; untilMs: number } | undefined
  return {
    remember(error: BackendUnavailableError, untilMs: number): void {
      last = { error, untilMs }
    },
    recent: (): BackendUnavailableError | undefined =>
      last !== undefined && clock.monotonicMs() <= last.untilMs ? last.error : undefined,
  }
}
