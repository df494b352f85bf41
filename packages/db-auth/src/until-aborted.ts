import { BackendUnavailableError } from '@lockkeeper/core'

/**
 * Waits for work no longer than the login's time lasts; what it brings later is dropped. Password stores have time limits
 * of their own, which may be longer.
 *
 * @throws {BackendUnavailableError} when `signal` aborts first.
 */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new BackendUnavailableError('db_auth', 'the password store did not answer in time'))
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
