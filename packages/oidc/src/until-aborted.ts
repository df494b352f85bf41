import { BackendUnavailableError } from '@lockkeeper/core'

/**
 * Waits for work until the time budget ends. The work itself goes on: a refresh that is under way has to be kept, or its
 * grant is lost.
 *
 * @throws {BackendUnavailableError} when the signal aborts first; else what the work throws.
 */
export function untilAborted<T>(mode: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new BackendUnavailableError(mode, 'did not answer within the time budget'))
    if (signal.aborted) return late()
    signal.addEventListener('abort', late, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late))
  })
}
