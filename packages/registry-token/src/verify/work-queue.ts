import { BackendUnavailableError } from '@lockkeeper/core'

/**
 * Lets a few tasks run at a time and a few more wait, because the thread pool that hashes is also the one that signs.
 *
 * @param limits `waiting` is how many may wait; beyond that the task is not started.
 * @returns A function that runs a task, and throws {@link BackendUnavailableError} when too many wait already.
 */
export function workQueue(name: string, limits: { readonly running: number; readonly waiting: number }) {
  const waiting: (() => void)[] = []
  let running = 0

  return async function run<T>(task: () => Promise<T>): Promise<T> {
    if (running >= limits.running) {
      if (waiting.length >= limits.waiting) throw new BackendUnavailableError(name, 'too many checks wait already')
      // Whoever ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
