import { randomBytes } from 'node:crypto'
import { BackendUnavailableError, type Clock, isBackendUnavailable } from '@lockkeeper/core'
import { Line } from './line.ts'
import type { FailureTrace, LockoutStore } from './lockout-store.ts'

/** The right to verify once; whoever has it settles it. */
export interface Pass {
  readonly keys: readonly string[]
  readonly holder: string
  /** Consecutive failures before this attempt. */
  readonly failures: number
  /** Milliseconds spent waiting for others. */
  readonly waitedMs: number
}

/** What a gate is made of. */
export interface GateParts {
  readonly store: LockoutStore
  readonly clock: Clock
  readonly leaseMs: number
  readonly maxWaiting: number
}

const FIRST_POLL_MS = 10
const LAST_POLL_MS = 160

/** Hands out passes: one at a time for each key, in this process by a line and among processes by the store. */
export class Gate {
  readonly #parts: GateParts
  readonly #line: Line
  readonly #process = randomBytes(24).toString('base64url')
  #passes = 0

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#line = new Line(parts.maxWaiting)
  }

  /**
   * @param signal Asked for when there is somebody to wait for.
   * @returns Nothing when any key is frozen.
   * @throws {BackendUnavailableError} when the store fails, the line is full or the time budget ends.
   */
  async enter(keys: readonly string[], signal: () => AbortSignal): Promise<Pass | undefined> {
    const { clock } = this.#parts
    const arrivedAt = clock.monotonicMs()
    if ((await this.#line.enter(keys, signal)) === 'frozen') return undefined
    let waitedMs = clock.monotonicMs() - arrivedAt
    const holder = this.#nextHolder()
    try {
      for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LAST_POLL_MS)) {
        const reservation = await this.#reserve(keys, holder)
        if (reservation.outcome === 'granted') return { keys, holder, failures: reservation.failures, waitedMs }
        if (reservation.outcome === 'frozen') {
          this.#line.leave(keys, true)
          return undefined
        }
        // Another process is verifying. It cannot call, so it is asked again, seldom enough to be no burden.
        const sleepMs = Math.min(pollMs, Math.max(reservation.forMs, 1))
        await clock.sleep(sleepMs, signal())
        if (signal().aborted) throw unavailable('another process held the name until the time budget ended')
        waitedMs += sleepMs
      }
    } catch (error) {
      this.#line.leave(keys, false)
      throw error
    }
  }

  /**
   * Gives a pass back. After a refusal the freeze is in the store before the next in line hears of it.
   *
   * @throws whatever the store throws; the line goes on all the same, and the reservation ends with its lease.
   */
  async leave(pass: Pass, freezeMs: number, trace?: FailureTrace): Promise<void> {
    try {
      await this.freeze(pass, freezeMs, trace)
    } finally {
      this.#line.leave(pass.keys, freezeMs > 0)
    }
  }

  /** Settles without leaving the line: for a verdict that comes after its pass was given back. */
  async freeze({ keys, holder }: Pass, freezeMs: number, trace?: FailureTrace): Promise<void> {
    await this.#parts.store.settle(keys, holder, freezeMs, trace)
  }

  #nextHolder(): string {
    this.#passes += 1
    return this.#process + this.#passes.toString(36).padStart(11, '0')
  }

  async #reserve(keys: readonly string[], holder: string) {
    const { store, leaseMs } = this.#parts
    try {
      return await store.reserve(keys, holder, leaseMs)
    } catch (error) {
      // Whoever cannot be asked has not granted anything.
      throw isBackendUnavailable(error) ? error : unavailable('its store cannot be asked', error)
    }
  }
}

const unavailable = (message: string, cause?: unknown): BackendUnavailableError =>
  new BackendUnavailableError('lockout', message, { cause, retryAfterSeconds: 2 })

/** The gate of a lockout that is off: everybody may go, and nothing is remembered. */
export const openGate: Pick<Gate, 'enter' | 'leave' | 'freeze'> = {
  enter: async (keys) => ({ keys, holder: '', failures: 0, waitedMs: 0 }),
  leave: async () => {},
  freeze: async () => {},
}
