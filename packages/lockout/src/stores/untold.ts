import type { Clock } from '@lockkeeper/core'
import type { FailureTrace } from '../lockout-store.ts'

/** The end of a reservation. */
export interface Ending {
  readonly keys: readonly string[]
  readonly holder: string
  /** Monotonic milliseconds; in the past when nothing was refused. */
  readonly frozenUntil: number
  readonly trace?: FailureTrace | undefined
}

const MOST = 1000

/**
 * The ends of reservations that a shared store was not told of: it may have them still, or get to them yet. Nobody is
 * remembered longer than a lease or a freeze lasts, and beyond {@link MOST} the oldest are dropped: their leases end
 * by themselves.
 */
export class Untold {
  readonly #clock: Clock
  readonly #byHolder = new Map<string, Ending & { readonly forgetAt: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(ending: Ending, leaseMs: number): void {
    const forgetAt = Math.max(this.#clock.monotonicMs() + leaseMs, ending.frozenUntil)
    this.#byHolder.set(ending.holder, { ...ending, forgetAt })
    const [oldest] = this.#byHolder.keys()
    if (this.#byHolder.size > MOST && oldest !== undefined) this.#byHolder.delete(oldest)
  }

  get(holder: string): Ending | undefined {
    return this.#byHolder.get(holder)
  }

  delete(holder: string): void {
    this.#byHolder.delete(holder)
  }

  /** What still matters; the rest is forgotten. */
  all(): readonly Ending[] {
    for (const { holder, forgetAt } of this.#byHolder.values()) {
      if (forgetAt <= this.#clock.monotonicMs()) this.#byHolder.delete(holder)
    }
    return [...this.#byHolder.values()]
  }
}
