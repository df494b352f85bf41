import type { Clock } from './clock.ts'

/** When a {@link CircuitBreaker} opens, and for how long. */
export interface BreakerOptions {
  /** Faults in a row that open it; 5 by default. */
  readonly faults?: number
  /** How long it stays open the first time, in milliseconds; 500 by default. Doubles with each probe that fails. */
  readonly minOpenMs?: number
  /** The longest it stays open, in milliseconds; 30 000 by default. */
  readonly maxOpenMs?: number
}

/** How a call went: `undecided` says nothing about the backend, as when the caller gave up. */
export type CallVerdict = 'answered' | 'fault' | 'undecided'

/** Stops asking a backend that does not answer, and lets one call through now and then to see whether it does. */
export interface CircuitBreaker {
  /** Milliseconds until the next probe; 0 when a call may be made. */
  openForMs(): number
  /** Begins a call, which must be settled. While the circuit is half open, this makes it the only one. */
  begin(): (verdict: CallVerdict) => void
}

/** @param random From 0 to 1, shortens each opening by up to a half, so that many processes do not probe in step. */
export function createCircuitBreaker(clock: Clock, random: () => number, options: BreakerOptions = {}): CircuitBreaker {
  const { faults: limit = 5, minOpenMs = 500, maxOpenMs = 30_000 } = options
  let faults = 0
  let openings = 0
  let openUntil = 0
  let isProbing = false

  function open(): void {
    const longest = Math.min(minOpenMs * 2 ** openings, maxOpenMs)
    openUntil = clock.monotonicMs() + longest * (1 - random() / 2)
    openings += 1
  }

  return {
    openForMs() {
      if (openings === 0) return 0
      return isProbing ? minOpenMs : Math.max(0, openUntil - clock.monotonicMs())
    },
    begin() {
      const isProbe = openings > 0
      if (isProbe) isProbing = true
      return (verdict) => {
        if (isProbe) isProbing = false
        if (verdict === 'answered') {
          faults = 0
          openings = 0
        } else if (verdict === 'fault') {
          faults += 1
          // A call that began before the circuit opened says nothing new.
          if (isProbe || (openings === 0 && faults >= limit)) open()
        }
      }
    },
  }
}
