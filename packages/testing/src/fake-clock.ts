import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@lockkeeper/core'

/** A clock whose time passes only when it is told to. */
export interface FakeClock extends Clock {
  /**
   * Lets `ms` milliseconds pass on both faces. Code that is under way runs until it sleeps; sleeps that become due end in
   * their order, each at its own instant, and what waited for one runs before time goes on. Await it.
   */
  advance(ms: number): Promise<void>
  /** Moves the wall face alone by `ms` milliseconds, back when negative, as a correction of the machine's time does. */
  moveWall(ms: number): void
  /** How many sleeps have not ended. */
  readonly pendingSleeps: number
}

interface Sleep {
  readonly dueAt: number
  readonly end: () => void
}

/**
 * A clock for tests: it stands still until {@link FakeClock.advance}, so a simulated day takes milliseconds.
 *
 * @param start.monotonicMs Where the monotonic face starts; 1 000 by default, so that zero stays a mistake one can see.
 * @param start.wallMs Where the wall face starts; 2026-01-01T00:00:00Z by default.
 */
export function fakeClock(start: { readonly monotonicMs?: number; readonly wallMs?: number } = {}): FakeClock {
  let now = start.monotonicMs ?? 1000
  let wallOffset = (start.wallMs ?? Date.UTC(2026, 0, 1)) - now
  const sleeps = new Set<Sleep>()
  const firstDue = (until: number): Sleep | undefined => {
    let first: Sleep | undefined
    for (const sleep of sleeps) if (sleep.dueAt <= until && sleep.dueAt < (first?.dueAt ?? Infinity)) first = sleep
    return first
  }

  return {
    monotonicMs: () => now,
    wallMs: () => now + wallOffset,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted || ms <= 0) return resolve()
        const sleep = {
          dueAt: now + ms,
          end() {
            sleeps.delete(sleep)
            signal?.removeEventListener('abort', sleep.end)
            resolve()
          },
        }
        sleeps.add(sleep)
        signal?.addEventListener('abort', sleep.end, { once: true })
      }),
    async advance(ms) {
      if (!(ms >= 0)) throw new TypeError('time passes forwards: advance takes zero or more milliseconds')
      await setImmediate()
      const until = now + ms
      for (let sleep = firstDue(until); sleep; sleep = firstDue(until)) {
        now = sleep.dueAt
        sleep.end()
        await setImmediate()
      }
      now = until
    },
    moveWall(ms) {
      wallOffset += ms
    },
    get pendingSleeps() {
      return sleeps.size
    },
  }
}
