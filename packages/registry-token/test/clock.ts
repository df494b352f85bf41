import type { Clock } from '@lockkeeper/core'

/** A clock that stands still until it is moved; nothing in this package sleeps. */
export function stoppedClock(startMs = Date.UTC(2026, 0, 1, 12)): Clock & { move(ms: number): void } {
  let now = startMs
  return {
    monotonicMs: () => now,
    wallMs: () => now,
    sleep: () => Promise.reject(new Error('nothing here sleeps')),
    move(ms) {
      now += ms
    },
  }
}
