import type { Budget } from './budget.ts'
import { WireError } from './wire/wire-error.ts'

/** Frees a slot; to be called once. */
export type Release = () => void

/** A bounded number of slots, and a bounded line of those who wait for one. */
export class Slots {
  readonly #max: number
  readonly #maxWaiting: number
  readonly #line = new Set<() => void>()
  #taken = 0

  constructor(max: number, maxWaiting: number) {
    this.#max = max
    this.#maxWaiting = maxWaiting
  }

  /**
   * Takes a slot, in order of arrival.
   *
   * @throws {WireError} when the line is full, or the time is over.
   */
  async take(budget: Budget): Promise<Release> {
    if (this.#taken < this.#max) this.#taken += 1
    else await this.#wait(budget)
    return () => this.#free()
  }

  async #wait({ signal, endsAt }: Budget): Promise<void> {
    if (this.#line.size >= this.#maxWaiting) {
      throw new WireError('aborted', `more than ${this.#maxWaiting} logins are waiting for the directory`)
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = (): void => {
      // Leaving the line and giving up are one step: a slot must not be handed to somebody who has gone.
      if (this.#line.delete(resolve)) {
        reject(new WireError('aborted', 'the time budget ended while waiting for a connection'))
      }
    }
    this.#line.add(resolve)
    const timer = setTimeout(abort, Math.max(0, endsAt - performance.now()))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    await promise.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    })
  }

  /** The slot goes to the next in line without becoming free, or somebody who just came would jump the line. */
  #free(): void {
    const [next] = this.#line
    if (next === undefined) {
      this.#taken -= 1
      return
    }
    this.#line.delete(next)
    next()
  }
}
