import type { Clock } from '@lockkeeper/core'
import type { Approach } from './approach.ts'
import { RecentMap } from './recent-map.ts'

const TEN_MINUTES = 600_000
const MAX_REMEMBERED = 50_000

/**
 * Recognises a wrong secret that one network tries again: a job that was not told of a new password, no guess. It
 * freezes like any other, and counts once.
 */
export class RepeatedSecrets {
  readonly #seen: RecentMap<true>

  constructor(clock: Clock) {
    this.#seen = new RecentMap(clock, MAX_REMEMBERED)
  }

  /** Whether the same was refused within the last ten minutes; from now on it was. */
  isRepeated({ secret, network }: Approach): boolean {
    const key = `${secret} ${network}`
    const isRepeated = this.#seen.get(key) === true
    this.#seen.set(key, true, TEN_MINUTES)
    return isRepeated
  }
}
