import { type Clock, ConfigurationError, type ConfigurationProblem, systemClock } from '@lockkeeper/core'
import type { LockoutListener } from './events.ts'
import type { LockoutStore } from './lockout-store.ts'
import { checkedPolicy, flat, type LockoutPolicy } from './policies.ts'

/** Options of `createLockout`. */
export interface LockoutOptions {
  readonly store: LockoutStore
  /** The machine's clock by default. */
  readonly clock?: Clock
  /** How long a refusal freezes, in milliseconds: short for `policy: flat({ freezeMs })`. 1500 by default; 0 turns the lockout off. */
  readonly freezeMs?: number
  /** Instead of `freezeMs`: `escalating()`, `ownerSafe()` or your own. */
  readonly policy?: LockoutPolicy
  /** How long a verified secret is good without being verified again, in seconds; 10 by default, 0 for never. */
  readonly keepVerifiedSeconds?: number
  /**
   * How many refused verifications in a minute turn a source away, from names it never succeeded with, until the minute
   * is over; 100 by default, 0 for no limit.
   */
  readonly sourceFailuresPerMinute?: number
  /** How many refused verifications in a minute, from all sources, are an event `spray`; 1000 by default, 0 for never. */
  readonly sprayFailuresPerMinute?: number
  /** Whether a spray also turns away whoever never succeeded with the name; not by default. */
  readonly refuseStrangersDuringSpray?: boolean
  /**
   * How long an attempt may take, its waiting for others included, in milliseconds; 15 000 by default. It must be longer
   * than the time budget of a login. A reservation lasts as long, so that a process that died holds nobody up for good.
   */
  readonly leaseMs?: number
  /** How many attempts may wait for another one on the same name or account; 1000 by default. */
  readonly maxWaiting?: number
  /** How many attempts may be under way at all; 10 000 by default. */
  readonly maxFlights?: number
  /** Told what an operator should know. */
  readonly onEvent?: LockoutListener
}

/** What the lockout runs on. */
export type LockoutSettings = Required<Omit<LockoutOptions, 'freezeMs' | 'onEvent'>> & Pick<LockoutOptions, 'onEvent'>

/** @throws {ConfigurationError} with every option that cannot work. */
export function parseLockoutOptions({ freezeMs, ...options }: LockoutOptions): LockoutSettings {
  const settings: LockoutSettings = {
    clock: systemClock,
    keepVerifiedSeconds: 10,
    sourceFailuresPerMinute: 100,
    sprayFailuresPerMinute: 1000,
    refuseStrangersDuringSpray: false,
    leaseMs: 15_000,
    maxWaiting: 1000,
    maxFlights: 10_000,
    ...options,
    policy: checkedPolicy(options.policy ?? flat({ freezeMs })),
  }
  const problems = MINIMA.flatMap(([path, minimum]): ConfigurationProblem[] => {
    const value = settings[path]
    return Number.isFinite(value) && value >= minimum ? [] : [{ path, message: `must be a number, ${minimum} or more` }]
  })
  if (freezeMs !== undefined && options.policy !== undefined) {
    problems.push({ path: 'freezeMs', message: 'cannot stand beside policy: give it to the policy' })
  }
  if (problems.length > 0) throw new ConfigurationError('lockout', problems)
  return settings
}

const MINIMA = [
  ['keepVerifiedSeconds', 0],
  ['sourceFailuresPerMinute', 0],
  ['sprayFailuresPerMinute', 0],
  ['leaseMs', 1],
  ['maxWaiting', 0],
  ['maxFlights', 1],
] as const
