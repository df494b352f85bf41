import type { Attempt, Clock, Guarded, Lockout, Reserve } from '@lockkeeper/core'
import type { Approach } from './approach.ts'
import { type LockoutCounters, newCounters } from './counters.ts'
import { Deadlines } from './deadlines.ts'
import { quietly } from './events.ts'
import { FailureRates } from './failure-rates.ts'
import { Flights } from './flights.ts'
import { Gate, openGate } from './gate.ts'
import { Hold } from './hold.ts'
import { KeptResults } from './kept-results.ts'
import { createAttemptDigest, type LockSubject, subjectDigest } from './keys.ts'
import { laneOf } from './lanes.ts'
import { type Lock, Locks, type LocksQuery, type LoginQuestion } from './locks.ts'
import { networkOf } from './network.ts'
import { type LockoutOptions, type LockoutSettings, parseLockoutOptions } from './options.ts'
import { RepeatedSecrets } from './repeated-secrets.ts'
import { Strangers } from './strangers.ts'
import { TrustedSources } from './trusted-sources.ts'
import { FROZEN, type Landing, Verification, type VerificationParts } from './verification.ts'

/** The guard of every guessable secret, and what its operator sees of it. */
export interface FrozenDelay extends Lockout {
  /** The freezes that run now, in the whole store, those that end last first. */
  list(query?: LocksQuery): Promise<readonly Lock[]>
  /**
   * Ends freezes and forgets failures: of one subject, of one key from {@link FrozenDelay.list}, or of all who are frozen.
   *
   * @returns How many freezes were ended.
   */
  clear(target?: LockSubject | { readonly key: string }): Promise<number>
  /** Why a login is refused now; one line for each reason, or `not frozen`. */
  explain(login: LoginQuestion): Promise<readonly string[]>
  /** What the attempts of this process came to so far. */
  counters(): Readonly<LockoutCounters>
}

/**
 * Makes the guard that every guessable secret is verified inside: at most one refused verification per freeze for each
 * name and account, however many guesses arrive at once.
 *
 * @throws {ConfigurationError} when an option cannot work.
 */
export const createLockout = (options: LockoutOptions): FrozenDelay => new Engine(parseLockoutOptions(options))

class Engine implements FrozenDelay {
  readonly #settings: LockoutSettings
  readonly #clock: Clock
  readonly #hold: Hold
  readonly #flights: Flights
  readonly #kept: KeptResults
  readonly #trusted: TrustedSources
  readonly #strangers: Strangers
  readonly #locks: Locks
  readonly #verification: VerificationParts
  readonly #counters = newCounters()
  readonly #digest = createAttemptDigest()

  constructor(settings: LockoutSettings) {
    const { store, clock, policy, leaseMs } = settings
    const isOff = policy.freezeMs === 0
    const limits = isOff ? { ...settings, sourceFailuresPerMinute: 0, sprayFailuresPerMinute: 0 } : settings
    const tell = quietly(settings.onEvent)
    this.#settings = settings
    this.#clock = clock
    this.#hold = new Hold(policy.freezeMs)
    this.#flights = new Flights(settings.maxFlights)
    this.#kept = new KeptResults(clock, settings.keepVerifiedSeconds * 1000)
    this.#trusted = new TrustedSources(store, clock, policy.lanes?.trustMs)
    const rates = new FailureRates(clock, limits, tell)
    this.#strangers = new Strangers(rates, this.#trusted, settings.refuseStrangersDuringSpray)
    this.#locks = new Locks({ store, clock, policy, trusted: this.#trusted, strangers: this.#strangers })
    this.#verification = {
      gate: isOff ? openGate : new Gate(settings),
      hold: this.#hold,
      clock,
      policy,
      deadlines: new Deadlines(clock, leaseMs),
      repeated: new RepeatedSecrets(clock),
      rates,
      locks: this.#locks,
      tell,
    }
    if (isOff) tell({ type: 'off', message: 'the lockout is off: secrets can be guessed as fast as they are verified' })
  }

  heldUntil(arrivedAt: number): number {
    return this.#hold.until(arrivedAt)
  }

  async guard<R extends { readonly outcome: string }>(
    attempt: Attempt,
    verify: (reserve: Reserve) => Promise<R>,
    { stillTrue }: { stillTrue?(kept: R): Promise<boolean> } = {},
  ): Promise<Guarded<R>> {
    // Taken on arrival, so that wrong and frozen answers are held by the same measure.
    const heldUntil = this.#hold.until(this.#clock.monotonicMs())
    try {
      const { how, result, refusedAt } = await this.#answer(attempt, verify, stillTrue)
      this.#counters[how] += 1
      if (refusedAt !== undefined) return { result, answerAt: this.#hold.untilRefused(heldUntil, refusedAt) }
      return { result, answerAt: result.outcome === 'frozen' ? heldUntil : 0 }
    } catch (error) {
      this.#counters.failed += 1
      throw error
    }
  }

  list(query?: LocksQuery): Promise<readonly Lock[]> {
    return this.#locks.list(query)
  }

  clear(target?: LockSubject | { readonly key: string }): Promise<number> {
    return this.#locks.clear(target)
  }

  explain(login: LoginQuestion): Promise<readonly string[]> {
    return this.#locks.explain(login)
  }

  counters(): Readonly<LockoutCounters> {
    return { ...this.#counters }
  }

  async #answer<R extends { readonly outcome: string }>(
    attempt: Attempt,
    verify: (reserve: Reserve) => Promise<R>,
    stillTrue: ((kept: R) => Promise<boolean>) | undefined,
  ): Promise<Landing<R> & { readonly how: keyof LockoutCounters }> {
    const name = subjectDigest(attempt)
    const network = networkOf(attempt.source)
    const unlaned = { name, network, secret: this.#digest(attempt), lane: '' }

    // Without somebody to ask whether it is still true, a kept result is not used.
    const kept = stillTrue && (await this.#kept.use(unlaned, stillTrue))
    if (kept !== undefined) return { how: 'kept', result: kept }
    if (await this.#strangers.turnedAway(name, network)) return { how: 'turnedAway', result: FROZEN }

    const lane = await laneOf(this.#settings.policy, this.#trusted, name, network)
    const approach: Approach = { ...unlaned, lane }
    const { landing, shared } = this.#flights.join(approach, () =>
      new Verification(this.#verification, attempt, approach).run(verify),
    )
    const landed = await landing
    if (landed.result.outcome === 'authenticated') {
      this.#trusted.add(name, network)
      this.#kept.keep(approach, landed.result)
    }
    return { ...landed, how: shared ? 'shared' : endOf(landed) }
  }
}

function endOf({ result, refusedAt }: Landing<{ readonly outcome: string }>): keyof LockoutCounters {
  if (refusedAt !== undefined) return 'refused'
  return result.outcome === 'frozen' ? 'frozen' : 'accepted'
}
