import type { Clock } from '@lockkeeper/core'
import type { Approach } from './approach.ts'
import { RecentMap } from './recent-map.ts'

const MAX_KEPT = 10_000

/** Other secrets that may be tried from the network of a kept result before it is dropped. */
const MAX_OTHERS = 8

interface Kept {
  readonly secret: string
  readonly result: unknown
  readonly others: Set<string>
  check: Promise<boolean> | undefined
}

/**
 * Keeps what a right secret was answered with, for seconds, so that a thousand pulls cost one verification.
 *
 * A kept result is good for the network that earned it alone, even while the account is frozen. It cannot be guessed
 * against: no other network can use it, and after {@link MAX_OTHERS} other secrets from its own network it is dropped.
 */
export class KeptResults {
  readonly #keepMs: number
  readonly #kept: RecentMap<Kept>

  constructor(clock: Clock, keepMs: number) {
    this.#keepMs = keepMs
    this.#kept = new RecentMap(clock, MAX_KEPT)
  }

  /** @param result Of the type that every attempt of the same space is answered with. */
  keep({ name, network, secret }: Approach, result: unknown): void {
    if (this.#keepMs === 0) return
    this.#kept.set(`${name} ${network}`, { secret, result, others: new Set(), check: undefined }, this.#keepMs)
  }

  /**
   * The kept result of an equal attempt, when it is still true. Attempts that arrive together ask once.
   *
   * @throws whatever `stillTrue` throws: no answer is not a yes.
   */
  async use<R>({ name, network, secret }: Approach, stillTrue: (kept: R) => Promise<boolean>): Promise<R | undefined> {
    const key = `${name} ${network}`
    const kept = this.#kept.get(key)
    if (kept === undefined) return undefined
    if (kept.secret !== secret) {
      kept.others.add(secret)
      if (kept.others.size > MAX_OTHERS) this.#kept.delete(key)
      return undefined
    }
    const result = kept.result as R
    kept.check ??= stillTrue(result).finally(() => {
      kept.check = undefined
    })
    if (await kept.check) return result
    if (this.#kept.get(key) === kept) this.#kept.delete(key)
    return undefined
  }
}
