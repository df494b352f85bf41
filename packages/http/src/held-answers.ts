import { BackendUnavailableError, type Clock, isBackendUnavailable } from '@lockkeeper/core'

/** What {@link createHold} needs. */
export interface HoldParts {
  readonly clock: Clock
  /** Answers held at one time. */
  readonly maxHeld: number
  /** Ends every hold at once. */
  readonly stopSignal?: AbortSignal
}

/** Waits until an answer may leave. */
export type Hold = (answerAt: number) => Promise<void>

/**
 * Makes the one place that holds refusals back until their time has come. A held answer is one timer that does not keep
 * the process alive.
 *
 * @returns A function of a monotonic time in milliseconds.
 * @throws {BackendUnavailableError} at once when too many answers are held already; the refusal was counted all the same.
 */
export function createHold({ clock, maxHeld, stopSignal }: HoldParts): Hold {
  // Each has a signal of its own: adding a listener to one that thousands listen to takes as long as they are many.
  const held = new Set<AbortController>()
  const release = () => {
    for (const answer of held) answer.abort('stopping')
  }
  stopSignal?.addEventListener('abort', release, { once: true })

  return async (answerAt) => {
    const leftMs = answerAt - clock.monotonicMs()
    if (leftMs <= 0 || stopSignal?.aborted) return
    if (held.size >= maxHeld) {
      throw new BackendUnavailableError('held answers', `${held.size} answers are held back already`)
    }
    const answer = new AbortController()
    held.add(answer)
    try {
      await clock.sleep(Math.ceil(leftMs), answer.signal)
      // Timers may fire a fraction of a millisecond early, and this is a floor.
      if (clock.monotonicMs() < answerAt) await clock.sleep(1, answer.signal)
    } finally {
      held.delete(answer)
    }
  }
}

/** Runs a login. Its outage is told no sooner than a refusal would be, where it says so. */
export async function holdOutage<T>(hold: Hold, login: () => Promise<T>): Promise<T> {
  try {
    return await login()
  } catch (error) {
    if (isBackendUnavailable(error) && error.answerAt !== undefined) await hold(error.answerAt)
    throw error
  }
}
