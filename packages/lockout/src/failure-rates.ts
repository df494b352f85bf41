import type { Clock } from '@lockkeeper/core'
import type { LockoutListener } from './events.ts'
import { RecentMap } from './recent-map.ts'

const MINUTE = 60_000
const MAX_NETWORKS = 50_000

/** Limits of {@link FailureRates}; 0 turns one off. */
export interface RateLimits {
  readonly sourceFailuresPerMinute: number
  readonly sprayFailuresPerMinute: number
}

interface Minute {
  failures: number
  readonly endsAt: number
}

/**
 * Counts refused verifications of each network and of all together, in minutes that begin with a failure. What was not
 * verified is not counted. It counts in this process alone: so many processes let so many times more through.
 */
export class FailureRates {
  readonly #clock: Clock
  readonly #limits: RateLimits
  readonly #tell: LockoutListener
  /** All minutes are equally long, so the one begun longest ago ends first; a full table forgets it. */
  readonly #minutes: RecentMap<Minute>
  #overall: Minute = { failures: 0, endsAt: Number.NEGATIVE_INFINITY }

  constructor(clock: Clock, limits: RateLimits, tell: LockoutListener) {
    this.#clock = clock
    this.#limits = limits
    this.#tell = tell
    this.#minutes = new RecentMap(clock, MAX_NETWORKS)
  }

  /** Milliseconds for which a network is over its limit; 0 when it is not. */
  limitedForMs(network: string): number {
    return this.#overFor(this.#minutes.get(network), this.#limits.sourceFailuresPerMinute)
  }

  /** Milliseconds for which all networks together are over the limit; 0 when they are not. */
  sprayForMs(): number {
    return this.#overFor(this.#overall, this.#limits.sprayFailuresPerMinute)
  }

  /** Counts one refused verification. */
  count(network: string): void {
    const now = this.#clock.monotonicMs()
    const minute = this.#minutes.get(network) ?? { failures: 0, endsAt: now + MINUTE }
    if (minute.failures === 0) this.#minutes.set(network, minute, MINUTE)
    minute.failures += 1
    if (this.#overall.endsAt <= now) this.#overall = { failures: 0, endsAt: now + MINUTE }
    this.#overall.failures += 1
    this.#tellOf(minute, network)
  }

  #tellOf(minute: Minute, source: string): void {
    const { sourceFailuresPerMinute, sprayFailuresPerMinute } = this.#limits
    if (minute.failures === sourceFailuresPerMinute) {
      const message = `${sourceFailuresPerMinute} credentials were refused within a minute; names it never succeeded with are closed to it until the minute is over`
      this.#tell({ type: 'source_limited', message, source, forMs: this.limitedForMs(source) })
    }
    if (this.#overall.failures === sprayFailuresPerMinute) {
      const message = `${sprayFailuresPerMinute} credentials were refused within a minute over all names and sources: somebody may be spraying guesses`
      this.#tell({ type: 'spray', message, failures: sprayFailuresPerMinute })
    }
  }

  #overFor(minute: Minute | undefined, limit: number): number {
    if (minute === undefined || limit === 0 || minute.failures < limit) return 0
    return Math.max(0, minute.endsAt - this.#clock.monotonicMs())
  }
}
