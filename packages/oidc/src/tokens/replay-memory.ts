import type { Clock } from '@lockkeeper/core'

/** Remembers what was used once, for a time and up to a number. A full memory forgets what it heard first. */
export class ReplayMemory {
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #endsAt = new Map<string, number>()

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock
    this.#maxEntries = maxEntries
  }

  /** Whether this is the first use; it counts as one for the next `forMs` milliseconds. */
  isFirst(key: string, forMs: number): boolean {
    const now = this.#clock.monotonicMs()
    const endsAt = this.#endsAt.get(key)
    if (endsAt !== undefined && now < endsAt) return false
    this.#endsAt.delete(key)
    this.#endsAt.set(key, now + forMs)
    for (const [oldest, end] of this.#endsAt) {
      if (end > now && this.#endsAt.size <= this.#maxEntries) break
      this.#endsAt.delete(oldest)
    }
    return true
  }
}
