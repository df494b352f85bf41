import type { Account, AccountDirectory } from './accounts.ts'
import { type Asking, ask, type Step } from './ask.ts'
import { type AuditEvent, type AuditSink, type Door, unknownName } from './audit.ts'
import type { AuthModeRegistry } from './auth-mode-registry.ts'
import type { Identity } from './authenticator.ts'
import { isCliSecret } from './cli-secrets/cli-secret.ts'
import type { Clock } from './clock.ts'
import { BackendUnavailableError, isBackendUnavailable } from './errors.ts'
import type { Frozen, Lockout } from './lockout.ts'
import { orderModes, type SuperUser } from './mode-order.ts'
import { createModeSearch, type Verdict } from './mode-search.ts'
import { canonicalName, isUsablePassword } from './names.ts'
import { createOutages } from './outages.ts'
import { withBudget } from './time-budget.ts'

/** A name and a password, and where they were presented. */
export interface LoginAttempt {
  readonly username: string
  readonly password: string
  /** The network address it came from. */
  readonly source: string
  readonly door: Door
  readonly requestId?: string
}

/**
 * How a login ended. What cannot be told is thrown. `steps` tells the operator who was asked and what it said; it is empty
 * when the attempt shared the run of an equal one.
 */
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
 * @throws {BackendUnavailableError} when a mode or a store cannot tell; it counts as nothing. Its `answerAt` is that of a
 * refusal, whoever was asked and whatever was found.
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
  /** The lockout's space of these names: `people` by default. Secrets of another kind than passwords have their own. */
  readonly space?: string
  /** The longest secret that is passed on, in bytes of UTF-8: 1024 by default; tokens are longer than passwords. */
  readonly maxSecretBytes?: number
}

type LoginRecord = Pick<AuditEvent, 'outcome' | 'reason' | 'mode' | 'accountId' | 'name'>

/**
 * Puts modes, lockout and accounts together. Everything that could tell something, look-up, verification and
 * admission, runs inside the lockout's guard. Each attempt leaves one audit record. What cannot be a name or a password
 * is refused before anybody is asked, and so is a secret for the command line.
 *
 * @throws {ConfigurationError} when the order is empty, names a mode twice or one that is not registered, or does not ask a
 * mode that claims every name last.
 */
export function createLogin(parts: LoginParts): Login {
  const { lockout, accounts, clock, audit, budgetMs = 10_000, space = 'people', maxSecretBytes } = parts
  const outages = createOutages()
  const search = createModeSearch({ order: orderModes(parts), accounts, outages })

  return async (attempt) => {
    const heldUntil = lockout.heldUntil(clock.monotonicMs())
    const { username: typed, password, source } = attempt
    const record = recorder(audit, clock, attempt)
    const canonical = canonicalName(typed)
    // A secret for the command line is for no directory to see, whichever door it was tried at.
    const isMisplaced = isCliSecret(password) || isCliSecret(typed)
    if (canonical === undefined || isMisplaced || !isUsablePassword(password, maxSecretBytes)) {
      const reason = isMisplaced ? 'cli_secret' : 'malformed'
      record({ outcome: 'rejected', reason, name: unknownName(canonical ?? typed) })
      return { outcome: 'rejected', reason, answerAt: heldUntil, steps: [] }
    }

    const steps: Step[] = []
    try {
      const { result, answerAt } = await withBudget(clock, budgetMs, (signal) => {
        const asking = { call: { signal }, steps }
        return lockout.guard<Verdict>(
          { space, name: canonical, secret: password, source, signal },
          (reserve) => search({ typed, canonical }, password, { reserve, ...asking }),
          { stillTrue: (kept) => isStillTrue(kept, accounts, asking) },
        )
      })
      if (result.outcome === 'authenticated') {
        const { account, identity } = result
        record({ outcome: 'authenticated', mode: identity.mode, accountId: account.id, name: account.username })
        return { outcome: 'authenticated', account, identity, steps }
      }
      const down = result.outcome === 'frozen' ? outages.current() : result.down
      if (down) throw down
      const reason = result.outcome === 'frozen' ? 'frozen' : result.reason
      record({ outcome: result.outcome, reason, ...shownName(result, canonical) })
      return { outcome: 'rejected', reason, answerAt, steps }
    } catch (error) {
      const down = asUnavailable(error)
      record({ outcome: 'unavailable', reason: down.message, name: unknownName(canonical) })
      throw held(down, heldUntil)
    }
  }
}

/**
 * An outage as a client may see it. A frozen attempt asks nobody, and only a known name is ever frozen by an outage of
 * another mode: an answer that left at once, or that said when to try again, would tell who exists.
 */
function held(down: BackendUnavailableError, answerAt: number): BackendUnavailableError {
  const prefix = `${down.backend}: `
  const message = down.message.startsWith(prefix) ? down.message.slice(prefix.length) : down.message
  return new BackendUnavailableError(down.backend, message, { cause: down.cause ?? down, answerAt })
}

/** Whether the account is still as it was when its password was verified, whoever may have changed it since. */
async function isStillTrue(kept: Verdict, accounts: AccountDirectory, asking: Asking): Promise<boolean> {
  if (kept.outcome !== 'authenticated' || kept.account.version === undefined) return false
  const { id, version } = kept.account
  const now = await ask(
    'accounts',
    asking,
    () => accounts.version(id),
    (found) => (found === version ? 'unchanged' : 'changed'),
  )
  return now === version
}

/** The record of an attempt. A sink that throws decides nothing. */
function recorder(audit: AuditSink, clock: Clock, { door, source, requestId }: LoginAttempt) {
  return (event: LoginRecord): void => {
    const at = new Date(clock.wallMs()).toISOString()
    try {
      audit.record({ type: 'login', at, door, source, ...(requestId !== undefined && { requestId }), ...event })
    } catch {
      // An audit failure is no reason to let anybody in, nor to keep anybody out.
    }
  }
}

function shownName(result: Exclude<Verdict, { outcome: 'authenticated' }> | Frozen, canonical: string) {
  const known = 'known' in result ? result.known : undefined
  return known ?? { name: unknownName(canonical) }
}

const asUnavailable = (error: unknown): BackendUnavailableError =>
  isBackendUnavailable(error) ? error : new BackendUnavailableError('login', 'failed unexpectedly', { cause: error })
