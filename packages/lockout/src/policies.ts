import { ConfigurationError } from '@lockkeeper/core'

/** How long a refusal freezes. A policy is data; `createLockout` reads it. */
export interface LockoutPolicy {
  readonly name: string
  /** The freeze after one refusal, in milliseconds, and how long every refusal is held. 0 turns the lockout off. */
  readonly freezeMs: number
}

/**
 * Every refusal freezes equally long: Harbor's rule.
 *
 * Trades: nothing to tune and nothing remembered, but 57 600 guesses a day for one account at 1500 ms, and whoever keeps
 * guessing keeps the owner out.
 *
 * @param options.freezeMs 1500 by default.
 */
export function flat(options: { readonly freezeMs?: number } = {}): LockoutPolicy {
  const { freezeMs = 1500 } = options
  return checked({ name: 'flat', freezeMs })
}

function checked(policy: LockoutPolicy): LockoutPolicy {
  const { name, freezeMs } = policy
  if (Number.isFinite(freezeMs) && freezeMs >= 0) return Object.freeze(policy)
  throw new ConfigurationError(`lockout policy ${name}`, [
    { path: 'freezeMs', message: 'must be a number of milliseconds, 0 or more' },
  ])
}
