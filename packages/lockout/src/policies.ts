import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'

/** How long a refusal freezes, and whom. A policy is data: {@link flat}, {@link escalating}, {@link ownerSafe}, or yours. */
export interface LockoutPolicy {
  readonly name: string
  /** The freeze after one refusal, in milliseconds, and how long every refusal is held. 0 turns the lockout off. */
  readonly freezeMs: number
  readonly escalation?: Escalation
  /** Absent: one freeze for all sources. */
  readonly lanes?: Lanes
}

/** Freezes that grow with consecutive failures; a success starts anew. */
export interface Escalation {
  /** How many failures freeze equally long; every further one doubles. */
  readonly after: number
  /** The longest freeze, in milliseconds; no shorter than `freezeMs`. */
  readonly capMs: number
  /** How long failures are remembered after the last one, in milliseconds; longer than `capMs`. */
  readonly rememberMs: number
}

/** Freezes that are not the same for everybody who tries one account. */
export interface Lanes {
  /** How many freezes all strangers together share; which one is theirs follows from their network. */
  readonly strangers: number
  /** How long after its last success a network has a freeze of its own, in milliseconds. */
  readonly trustMs: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * Every refusal freezes equally long: Harbor's rule, and the default.
 *
 * Trades: nothing to tune and nothing remembered; but 57 600 guesses a day at one account with 1500 ms, and whoever
 * keeps guessing keeps the owner out.
 *
 * @param options.freezeMs 1500 by default.
 * @throws {ConfigurationError} when an option cannot work; so do its siblings.
 */
export const flat = ({ freezeMs = 1500 }: { readonly freezeMs?: number | undefined } = {}): LockoutPolicy =>
  checkedPolicy({ name: 'flat', freezeMs })

/**
 * As {@link flat}, and after `after` consecutive failures each one doubles the freeze up to a cap. With the defaults at
 * most 100 guesses a day reach an account whose owner does not log in meanwhile; a success of the owner starts anew.
 *
 * Trades: guessing becomes hopeless; but whoever keeps guessing keeps the owner out for up to an hour. {@link ownerSafe}
 * with the same escalation does not.
 *
 * @param options.freezeMs The first freeze; 1500 by default.
 * @param options.after 5 by default.
 * @param options.capMs One hour by default.
 * @param options.rememberMs One day by default.
 */
export const escalating = ({
  freezeMs = 1500,
  ...escalation
}: { readonly freezeMs?: number | undefined } & Partial<Escalation> = {}): LockoutPolicy =>
  checkedPolicy({ name: 'escalating', freezeMs, escalation: { ...ESCALATION, ...escalation } })

/**
 * Gives every network that an owner recently logged in from a freeze of its own, and lets all strangers share a few:
 * whoever attacks from elsewhere does not keep the owner out, however long.
 *
 * Trades: at most `strangers` refused verifications per freeze from all unknown networks together, instead of one, and
 * one more from each network that the owner used, neighbours behind its address included; an owner in a new network
 * meets an attacker's freeze once in `strangers`; each attempt of a stranger asks the store once more.
 *
 * @param options.freezeMs 1500 by default.
 * @param options.strangers 4 by default.
 * @param options.trustMs Seven days by default.
 * @param options.escalation Absent by default; `{}` takes the defaults of {@link escalating}. It grows within each
 * freeze alone, so an owner who logs in does not reset it for an attacker.
 */
export const ownerSafe = ({
  freezeMs = 1500,
  escalation,
  ...lanes
}: {
  readonly freezeMs?: number | undefined
  readonly escalation?: Partial<Escalation>
} & Partial<Lanes> = {}): LockoutPolicy =>
  checkedPolicy({
    name: 'ownerSafe',
    freezeMs,
    ...(escalation && { escalation: { ...ESCALATION, ...escalation } }),
    lanes: { strangers: 4, trustMs: 7 * DAY, ...lanes },
  })

/** How long a refusal freezes, in milliseconds, when it is the last of so many consecutive failures. */
export function freezeAfter({ freezeMs, escalation }: LockoutPolicy, failures: number): number {
  if (escalation === undefined) return freezeMs
  const doublings = Math.max(0, failures - escalation.after)
  return Math.min(escalation.capMs, freezeMs * 2 ** doublings)
}

/** @throws {ConfigurationError} with every number that cannot work. */
export function checkedPolicy(policy: LockoutPolicy): LockoutPolicy {
  const { name, freezeMs, escalation, lanes } = policy
  const problems: ConfigurationProblem[] = []
  const require = (path: string, isMet: boolean, message: string) => {
    if (!isMet) problems.push({ path, message })
  }
  const requireLeast = (path: string, value: number, least: number) =>
    require(path, Number.isFinite(value) && value >= least, `must be a number, ${least} or more`)
  const requireWhole = (path: string, value: number, least: number) =>
    require(path, Number.isSafeInteger(value) && value >= least, `must be a whole number, ${least} or more`)
  requireLeast('freezeMs', freezeMs, 0)
  if (escalation) {
    const { after, capMs, rememberMs } = escalation
    requireWhole('escalation.after', after, 0)
    // Either would take the escalation back in silence.
    require('escalation.capMs', capMs >= freezeMs, 'must be a number, as long as freezeMs or longer')
    require('escalation.rememberMs', rememberMs > capMs &&
      rememberMs <
        Infinity, 'must be a number, longer than capMs: failures that are forgotten while a freeze runs do not double the next one')
  }
  if (lanes) {
    requireWhole('lanes.strangers', lanes.strangers, 1)
    requireLeast('lanes.trustMs', lanes.trustMs, 0)
  }
  if (problems.length > 0) throw new ConfigurationError(`lockout policy ${name}`, problems)
  return policy
}

const ESCALATION: Escalation = { after: 5, capMs: HOUR, rememberMs: DAY }
