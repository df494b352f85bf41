import { BackendUnavailableError } from '@lockkeeper/core'

/** Bounds how much hashing is under way, and how much may wait for it. */
export interface HashingQueue {
  /**
   * Runs `work` when it is its turn.
   *
   * @throws {BackendUnavailableError} before any of it was done: at once when the queue is full, later when `signal`
   * aborts first.
   */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

/**
 * @param concurrency How many run at once. All of them use the thread pool that files and name look-ups use too.
 * @param length How many may wait.
 */
export function createHashingQueue(concurrency: number, length: number): HashingQueue {
  const waiting = new Set<() => void>()
  let running = 0

  function turn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw tooLate()
    if (running < concurrency) {
      running += 1
      return Promise.resolve()
    }
    if (waiting.size >= length) throw full(length)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      waiting.delete(start)
      reject(tooLate())
    }
    const start = () => {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    waiting.add(start)
    signal?.addEventListener('abort', leave, { once: true })
    return promise
  }

  /** Hands the place on, so that nobody who comes now overtakes those who wait. */
  function next(): void {
    const [start] = waiting
    if (start === undefined) {
      running -= 1
      return
    }
    waiting.delete(start)
    start()
  }

  return {
    async run(work, signal) {
      await turn(signal)
      try {
        return await work()
      } finally {
        next()
      }
    },
  }
}

const full = (length: number) =>
  new BackendUnavailableError('password hashing', `${length} logins wait for it already`, { retryAfterSeconds: 1 })

const tooLate = () =>
  new BackendUnavailableError('password hashing', 'had no turn within the time budget of the login', {
    retryAfterSeconds: 1,
  })
