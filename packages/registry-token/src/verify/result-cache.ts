import { createHash } from 'node:crypto'

/**
 * Keeps results of verifications that succeeded, under a digest of the whole token: two tokens with the same payload and
 * another signature never share one. The oldest result makes room for a new one.
 */
export class ResultCache<Result> {
  readonly #results = new Map<string, Result>()
  readonly #limit: number

  /** @param limit How many results are kept; 0 keeps none. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** How many results are kept now. */
  get size(): number {
    return this.#results.size
  }

  /** @param isStillGood Asked about a kept result, which is dropped when it is not. */
  get(token: string, isStillGood: (kept: Result) => boolean): Result | undefined {
    const digest = digestOf(token)
    const kept = this.#results.get(digest)
    if (kept === undefined || isStillGood(kept)) return kept
    this.#results.delete(digest)
    return undefined
  }

  keep(token: string, result: Result): void {
    if (this.#limit === 0) return
    const [oldest] = this.#results.keys()
    if (oldest !== undefined && this.#results.size >= this.#limit) this.#results.delete(oldest)
    this.#results.set(digestOf(token), result)
  }
}

const digestOf = (token: string): string => createHash('sha256').update(token).digest('base64')
