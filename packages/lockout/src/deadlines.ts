import type { Clock } from '@lockkeeper/core'

interface Deadline {
  readonly endsAt: number
  readonly passed: () => void
}

/**
 * Tells of what takes too long. All may take equally long, so what began first is due first, and one sleep at a time
 * watches any number of them.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #afterMs: number
  /** In the order in which they are due. */
  readonly #open = new Set<Deadline>()
  #isWatched = false

  constructor(clock: Clock, afterMs: number) {
    this.#clock = clock
    this.#afterMs = afterMs
  }

  /**
   * @param passed Called once when the time is over.
   * @returns A function that calls it off.
   */
  set(passed: () => void): () => void {
    const deadline = { endsAt: this.#clock.monotonicMs() + this.#afterMs, passed }
    this.#open.add(deadline)
    if (!this.#isWatched) void this.#watch()
    return () => this.#open.delete(deadline)
  }

  async #watch(): Promise<void> {
    this.#isWatched = true
    // A set is walked in the order of insertion, and what is added meanwhile is met as well.
    for (const deadline of this.#open) {
      await this.#clock.sleep(deadline.endsAt - this.#clock.monotonicMs())
      if (this.#open.delete(deadline)) deadline.passed()
    }
    this.#isWatched = false
  }
}
