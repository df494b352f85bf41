/** The time that is left for a login, and who may end it sooner. */
export interface Budget {
  readonly signal: AbortSignal
  /** As `performance.now()` counts. */
  readonly endsAt: number
}

/** What one step may take of a budget. */
export interface Limits {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** What its end means: that the other side is slow, or that there was no more time. */
  readonly whenLate: 'timeout' | 'aborted'
}

/** Starts to count. */
export const startBudget = (signal: AbortSignal, ms: number): Budget => ({ signal, endsAt: performance.now() + ms })

/** At most `timeoutMs`, and no more than is left. */
export function limitsWithin({ signal, endsAt }: Budget, timeoutMs: number): Limits {
  const leftMs = Math.max(0, endsAt - performance.now())
  return leftMs < timeoutMs
    ? { signal, timeoutMs: leftMs, whenLate: 'aborted' }
    : { signal, timeoutMs, whenLate: 'timeout' }
}
