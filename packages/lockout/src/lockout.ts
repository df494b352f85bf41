import { type Attempt, type Clock, type Guarded, type Lockout, type Reserve, systemClock } from '@lockkeeper/core'
import { type LockoutListener, quietly } from './events.ts'
import { type FlightPlan, Flights } from './flights.ts'
import { Gate, openGate } from './gate.ts'
import { Hold } from './hold.ts'
import { createAttemptDigest, lockKey } from './keys.ts'
import type { LockoutStore } from './lockout-store.ts'
import { flat } from './policies.ts'
import { Verification, type VerificationParts } from './verification.ts'

/** Options of {@link createLockout}. */
export interface LockoutOptions {
  readonly store: LockoutStore
  /** The machine's clock by default. */
  readonly clock?: Clock
  /** How long a refusal freezes, in milliseconds; 1500 by default, 0 turns the lockout off. */
  readonly freezeMs?: number
  /**
   * How long one verification may take, in milliseconds; 15 000 by default. It must be longer than the time budget of a
   * login. A reservation ends with it, so that a process that died holds nobody up.
   */
  readonly leaseMs?: number
  /** How many attempts may wait for another one on the same name or account; 1000 by default. */
  readonly maxWaiting?: number
  /** How many attempts may be under way at all; 10 000 by default. */
  readonly maxFlights?: number
  /** Told what an operator should know. */
  readonly onEvent?: LockoutListener
}

/**
 * Makes the guard that every guessable secret is verified inside: at most one refused verification per freeze for each
 * name and account, however many guesses arrive at once.
 *
 * @throws {ConfigurationError} when an option cannot work.
 */
export const createLockout = (options: LockoutOptions): Lockout => new FrozenDelay(options)

class FrozenDelay implements Lockout {
  readonly #clock: Clock
  readonly #hold: Hold
  readonly #flights: Flights
  readonly #parts: VerificationParts
  readonly #digest = createAttemptDigest()

  constructor(options: LockoutOptions) {
    const { store, clock = systemClock, leaseMs = 15_000, maxWaiting = 1000, maxFlights = 10_000 } = options
    const policy = flat(options)
    const isOff = policy.freezeMs === 0
    const tell = quietly(options.onEvent)
    const gate = isOff ? openGate : new Gate({ store, clock, leaseMs, maxWaiting })
    this.#clock = clock
    this.#hold = new Hold(policy.freezeMs)
    this.#flights = new Flights(maxFlights)
    this.#parts = { gate, hold: this.#hold, clock, policy, leaseMs, tell }
    if (isOff) tell({ type: 'off', message: 'the lockout is off: secrets can be guessed as fast as they are verified' })
  }

  heldUntil(arrivedAt: number): number {
    return this.#hold.until(arrivedAt)
  }

  async guard<R extends { readonly outcome: string }>(
    attempt: Attempt,
    verify: (reserve: Reserve) => Promise<R>,
  ): Promise<Guarded<R>> {
    // Taken on arrival, so that wrong and frozen answers are held by the same measure.
    const heldUntil = this.#hold.until(this.#clock.monotonicMs())
    const plan: FlightPlan = { name: lockKey(attempt), secret: this.#digest(attempt), network: attempt.source }
    const { landing } = this.#flights.join(plan, () => new Verification(this.#parts, attempt).run(verify))
    const { result, refusedAt } = await landing
    if (refusedAt !== undefined) return { result, answerAt: this.#hold.untilRefused(heldUntil, refusedAt) }
    return { result, answerAt: result.outcome === 'frozen' ? heldUntil : 0 }
  }
}
