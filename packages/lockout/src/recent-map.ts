import type { Clock } from '@lockkeeper/core'

interface Entry<V> {
  readonly value: V
  readonly endsAt: number
}

/**
 * A map of bounded size whose entries end. It fills one half while the other ages: when a half is full the older one is
 * dropped whole, so that room costs nothing to find and the newer half of what was set is always there.
 */
export class RecentMap<V> {
  readonly #clock: Clock
  readonly #maxHalf: number
  #newer = new Map<string, Entry<V>>()
  #older = new Map<string, Entry<V>>()

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock
    this.#maxHalf = Math.ceil(maxEntries / 2)
  }

  get(key: string): V | undefined {
    const entry = this.#newer.get(key) ?? this.#older.get(key)
    return entry !== undefined && this.#clock.monotonicMs() < entry.endsAt ? entry.value : undefined
  }

  set(key: string, value: V, forMs: number): void {
    if (this.#newer.size >= this.#maxHalf && !this.#newer.has(key)) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(key, { value, endsAt: this.#clock.monotonicMs() + forMs })
  }

  delete(key: string): void {
    this.#newer.delete(key)
    this.#older.delete(key)
  }
}
