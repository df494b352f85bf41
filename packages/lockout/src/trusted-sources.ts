import type { Clock } from '@lockkeeper/core'
import { inLane } from './keys.ts'
import type { LockoutStore } from './lockout-store.ts'
import { RecentMap } from './recent-map.ts'

const MINUTE = 60_000
const SEVEN_DAYS = 7 * 86_400_000
const MAX_REMEMBERED = 50_000

/** How often a success is noted in the store again, as a part of the time it counts for. */
const REFRESH = 1 / 7

/**
 * Remembers from which networks a name was logged in with recently. Who has never known the right secret cannot get in
 * here, whatever they try.
 */
export class TrustedSources {
  readonly #store: LockoutStore
  readonly #trustMs: number
  /** `noted`: the store was told of a success. `read`: the store knew of one, which may be about to be forgotten. */
  readonly #remembered: RecentMap<'noted' | 'read'>

  constructor(store: LockoutStore, clock: Clock, trustMs = SEVEN_DAYS) {
    this.#store = store
    this.#trustMs = trustMs
    this.#remembered = new RecentMap(clock, MAX_REMEMBERED)
  }

  /** @param name The digest of space and name. A store that cannot be asked says no. */
  async has(name: string, network: string): Promise<boolean> {
    const key = `${name} ${network}`
    if (this.#remembered.get(key) !== undefined) return true
    try {
      const isMarked = await this.#store.isMarked(markOf(name, network))
      if (isMarked) this.#remembered.set(key, 'read', Math.min(MINUTE, this.#trustMs))
      return isMarked
    } catch {
      return false
    }
  }

  /** Notes a success. Nobody waits for the store: a note that is lost is made at the next success. */
  add(name: string, network: string): void {
    const key = `${name} ${network}`
    if (this.#remembered.get(key) === 'noted') return
    this.#remembered.set(key, 'noted', this.#trustMs * REFRESH)
    this.#store.mark(markOf(name, network), this.#trustMs).catch(() => this.#remembered.delete(key))
  }
}

/** The mark in the store; a lane of its own keeps it apart from anything else about the name. */
const markOf = (name: string, network: string): string => inLane(name, `trusted ${network}`)
