/**
 * One clock with two faces. Durations use the monotonic face, so that a moved wall clock neither lengthens nor ends a
 * freeze; claims and audit records use the wall face.
 */
export interface Clock {
  /** Milliseconds from an arbitrary origin; never goes back. */
  monotonicMs(): number
  /** Milliseconds since the epoch, UTC. */
  wallMs(): number
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. Does not keep a stopping process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The longest a timer of Node can run, in milliseconds (24.8 days); a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted || ms <= 0) return resolve()
      let timer: NodeJS.Timeout
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const waitFor = (leftMs: number) => {
        const next = leftMs > LONGEST_TIMER_MS ? () => waitFor(leftMs - LONGEST_TIMER_MS) : end
        timer = setTimeout(next, Math.min(leftMs, LONGEST_TIMER_MS)).unref()
      }
      signal?.addEventListener('abort', end, { once: true })
      waitFor(ms)
    }),
}
