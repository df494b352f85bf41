import { BackendUnavailableError, type Clock } from '@lockkeeper/core'

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
  let held = 0
  return async (answerAt) => {
    const leftMs = answerAt - clock.monotonicMs()
    if (leftMs <= 0 || stopSignal?.aborted) return
    if (held >= maxHeld) throw new BackendUnavailableError('held answers', `${held} refusals are held back already`)
    held++
    try {
      await clock.sleep(Math.ceil(leftMs), stopSignal)
      // Timers may fire a fraction of a millisecond early, and this is a floor.
      if (clock.monotonicMs() < answerAt) await clock.sleep(1, stopSignal)
    } finally {
      held--
    }
  }
}
