import type { Clock } from '@lockkeeper/core'

/** A map of bounded size whose entries end. A full one drops the entry that was set longest ago. */
export class RecentMap<V> {
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #entries = new Map<string, { readonly value: V; readonly endsAt: number }>()

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && this.#clock.monotonicMs() < entry.endsAt ? entry.value : undefined
  }

  set(key: string, value: V, forMs: number): void {
    const now = this.#clock.monotonicMs()
    this.#entries.delete(key)
    this.#entries.set(key, { value, endsAt: now + forMs })
    for (const [oldest, { endsAt }] of this.#entries) {
      if (endsAt > now && this.#entries.size <= this.#maxEntries) return
      this.#entries.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
