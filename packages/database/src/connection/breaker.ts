import type { Clock } from '@lockkeeper/core'

/** Spares a backend that is down, and those who wait for it. */
export interface Breaker {
  /** Throws the last failure while the backend rests. When the rest is over one caller passes, as a probe. */
  check(): void
  failed(error: Error): void
  succeeded(): void
}

const FAILURES = 5
const REST_MS = 500

/** Opens after five failures in a row, for a quarter to half a second at a time, so that a recovery shows at once. */
export function createBreaker(clock: Clock): Breaker {
  let failures = 0
  let restsUntil = 0
  let last: Error | undefined

  const rest = () => {
    // Jitter keeps many processes from probing together.
    restsUntil = clock.monotonicMs() + REST_MS * (0.5 + Math.random() / 2)
  }
  return {
    check() {
      if (failures < FAILURES) return
      if (last && clock.monotonicMs() < restsUntil) throw last
      rest()
    },
    failed(error) {
      failures += 1
      last = error
      rest()
    },
    succeeded() {
      failures = 0
    },
  }
}
