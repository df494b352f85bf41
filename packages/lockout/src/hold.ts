const SAMPLES = 64

/**
 * Computes when refusals leave. Wrong and frozen answers are both held until arrival + freeze + the time that most
 * verifications take, or the sooner answer would be the one that was not verified.
 */
export class Hold {
  readonly #freezeMs: number
  readonly #durations: number[] = []
  #next = 0
  #percentile95 = 0

  constructor(freezeMs: number) {
    this.#freezeMs = freezeMs
  }

  /** When the answer to an attempt that arrived at `arrivedAt` leaves; at once when the lockout is off. */
  until(arrivedAt: number): number {
    return this.#freezeMs === 0 ? arrivedAt : arrivedAt + this.#freezeMs + this.#percentile95
  }

  /** As {@link until}, for an attempt that was verified and refused: never before its own freeze is over. */
  untilRefused(heldUntil: number, refusedAt: number): number {
    return Math.max(heldUntil, refusedAt + this.#freezeMs)
  }

  /** Notes how long a refused verification took, its waiting for others not counted. The last 64 are kept. */
  note(durationMs: number): void {
    this.#durations[this.#next] = durationMs
    this.#next = (this.#next + 1) % SAMPLES
    const sorted = this.#durations.toSorted((a, b) => a - b)
    this.#percentile95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
  }
}
