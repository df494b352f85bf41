import { BackendUnavailableError } from '@lockkeeper/core'

type Turn = 'go' | 'frozen'

interface Waiter {
  readonly keys: readonly string[]
  readonly end: (turn: Turn) => void
}

/**
 * Lets attempts of this process that share a key go one after another. It spares a store the waiting: only who is in
 * front asks it, and one refusal answers all who wait behind.
 */
export class Line {
  readonly #maxWaiting: number
  readonly #held = new Set<string>()
  readonly #waiting = new Map<string, Set<Waiter>>()

  /** @param maxWaiting How many may wait for one key. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting
  }

  /**
   * Waits until no other attempt holds any of the keys, and holds them all.
   *
   * @param signal Asked for when there is somebody to wait for.
   * @returns `frozen` when an attempt that held one of them was refused meanwhile; nothing is held then.
   * @throws {BackendUnavailableError} when the line is full, or the signal ends the waiting.
   */
  async enter(keys: readonly string[], signal: () => AbortSignal): Promise<Turn> {
    if (this.#areFree(keys)) {
      this.#hold(keys)
      return 'go'
    }
    if (keys.some((key) => (this.#waiting.get(key)?.size ?? 0) >= this.#maxWaiting)) {
      throw new BackendUnavailableError('lockout', 'too many attempts on one name are waiting', {
        retryAfterSeconds: 2,
      })
    }
    if (signal().aborted) throw outOfTime()
    return this.#wait(keys, signal())
  }

  /** Frees the keys: after a refusal all who wait for any of them are told so, else the next may go. */
  leave(keys: readonly string[], refused: boolean): void {
    for (const key of keys) this.#held.delete(key)
    for (const waiter of new Set(keys.flatMap((key) => [...(this.#waiting.get(key) ?? [])]))) {
      if (refused) {
        waiter.end('frozen')
      } else if (this.#areFree(waiter.keys)) {
        this.#hold(waiter.keys)
        waiter.end('go')
      }
    }
  }

  #wait(keys: readonly string[], signal: AbortSignal): Promise<Turn> {
    const { promise, resolve, reject } = Promise.withResolvers<Turn>()
    const leaveLine = () => {
      signal.removeEventListener('abort', giveUp)
      for (const key of keys) this.#remove(key, waiter)
    }
    const giveUp = () => {
      leaveLine()
      reject(outOfTime())
    }
    const waiter: Waiter = {
      keys,
      end(turn) {
        leaveLine()
        resolve(turn)
      },
    }
    for (const key of keys) this.#add(key, waiter)
    signal.addEventListener('abort', giveUp, { once: true })
    return promise
  }

  #areFree(keys: readonly string[]): boolean {
    return keys.every((key) => !this.#held.has(key))
  }

  #hold(keys: readonly string[]): void {
    for (const key of keys) this.#held.add(key)
  }

  #add(key: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiters.add(waiter))
  }

  #remove(key: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(key)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiting.delete(key)
  }
}

const outOfTime = (): BackendUnavailableError =>
  new BackendUnavailableError('lockout', 'waited for another attempt on the same name until the time budget ended', {
    retryAfterSeconds: 2,
  })
