import type { Clock } from '@lockkeeper/core'

/** How a {@link KeptCopy} behaves; all ages in milliseconds. */
export interface KeptCopyParts<T> {
  readonly clock: Clock
  readonly load: () => Promise<T>
  /** From this age on, who asks gets the copy that is there while its successor is fetched. */
  readonly refreshAfterMs: number
  /** From this age on, who asks waits for the successor, and gets the old copy if that fails. */
  readonly waitAfterMs: number
  /** Shortest time between two attempts to replace the copy. */
  readonly pauseMs: number
  /** Told of each attempt to replace a copy that failed. */
  readonly onFailure: (error: unknown) => void
}

/** Shortest time between two attempts while there is no copy at all, in milliseconds. */
const PAUSE_WITHOUT_COPY_MS = 1000

interface Attempt<T> {
  readonly startedAt: number
  readonly result: Promise<T>
  failed: boolean
  ended: boolean
}

/**
 * A document of the provider that is fetched once, kept, and replaced in the background. While the provider is down, the
 * last good copy serves on.
 */
export class KeptCopy<T> {
  readonly #parts: KeptCopyParts<T>
  #copy: { readonly value: T; readonly fetchedAt: number } | undefined
  #attempt: Attempt<T> | undefined

  constructor(parts: KeptCopyParts<T>) {
    this.#parts = parts
  }

  /** The copy; without one, waits for the first. Throws what `load` threw when there has never been one. */
  async current(): Promise<T> {
    const { clock, refreshAfterMs, waitAfterMs } = this.#parts
    if (this.#copy === undefined) return this.#fetch()
    const { value, fetchedAt } = this.#copy
    const ageMs = clock.monotonicMs() - fetchedAt
    if (ageMs < refreshAfterMs) return value
    const successor = this.#fetch().catch(() => value)
    return ageMs < waitAfterMs ? value : successor
  }

  /**
   * A copy that is newer than what {@link current} gave, for who found it wanting.
   *
   * @returns `undefined` when the last attempt is too recent to make another one.
   * @throws what `load` threw, also when that was during the pause.
   */
  async newer(): Promise<T | undefined> {
    const attempt = this.#attempt
    const isRecent = attempt !== undefined && this.#isWithinPause(attempt)
    return isRecent && attempt.ended && !attempt.failed ? undefined : this.#fetch()
  }

  /** A copy of this moment, for who wants to know whether there is one to be had. Joins an attempt that is under way. */
  fetchNow(): Promise<T> {
    return this.#attempt?.ended === false ? this.#attempt.result : this.#begin()
  }

  /** One attempt at a time, and not soon after the last: its result is everybody's. */
  #fetch(): Promise<T> {
    const last = this.#attempt
    return last !== undefined && (!last.ended || this.#isWithinPause(last)) ? last.result : this.#begin()
  }

  #begin(): Promise<T> {
    const { clock, load, onFailure } = this.#parts
    const attempt: Attempt<T> = { startedAt: clock.monotonicMs(), result: load(), failed: false, ended: false }
    this.#attempt = attempt
    attempt.result.then(
      (value) => {
        attempt.ended = true
        this.#copy = { value, fetchedAt: clock.monotonicMs() }
      },
      (error: unknown) => {
        attempt.ended = true
        attempt.failed = true
        if (this.#copy !== undefined) onFailure(error)
      },
    )
    return attempt.result
  }

  #isWithinPause(attempt: Attempt<T>): boolean {
    const pauseMs = this.#copy === undefined ? PAUSE_WITHOUT_COPY_MS : this.#parts.pauseMs
    return this.#parts.clock.monotonicMs() - attempt.startedAt < pauseMs
  }
}
