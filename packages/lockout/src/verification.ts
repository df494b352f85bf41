import { type Attempt, type Clock, type Frozen, type Reserve, unknownName } from '@lockkeeper/core'
import type { Approach } from './approach.ts'
import type { Deadlines } from './deadlines.ts'
import type { LockoutListener } from './events.ts'
import type { FailureRates } from './failure-rates.ts'
import type { Gate, Pass } from './gate.ts'
import type { Hold } from './hold.ts'
import { inLane, subjectDigest } from './keys.ts'
import type { FailureTrace } from './lockout-store.ts'
import type { Locks } from './locks.ts'
import { freezeAfter, type LockoutPolicy } from './policies.ts'
import type { RepeatedSecrets } from './repeated-secrets.ts'
import { Turn } from './turn.ts'

/** How a run ended, for all who share it. */
export interface Landing<R> {
  readonly result: R | Frozen
  /** When it was refused, in monotonic milliseconds; absent after every other end. */
  readonly refusedAt?: number
}

/** What verifications are run with. */
export interface VerificationParts {
  readonly gate: Pick<Gate, 'enter' | 'leave' | 'freeze'>
  readonly hold: Hold
  readonly clock: Clock
  readonly policy: LockoutPolicy
  readonly deadlines: Deadlines
  readonly repeated: RepeatedSecrets
  readonly rates: FailureRates
  readonly locks: Locks
  readonly tell: LockoutListener
}

/** The answer to whoever is not verified. */
export const FROZEN: Frozen = Object.freeze({ outcome: 'frozen' })

/** One verification behind the gate, and the settling of what it ends with: only `rejected` freezes. */
export class Verification {
  readonly #parts: VerificationParts
  readonly #attempt: Attempt
  readonly #approach: Approach
  readonly #turn: Turn
  #account: string | undefined

  constructor(parts: VerificationParts, attempt: Attempt, approach: Approach) {
    const { deadlines } = parts
    this.#parts = parts
    this.#attempt = attempt
    this.#approach = approach
    this.#turn = new Turn({ deadlines, enter: (...args) => this.#enter(...args) })
  }

  /** @throws whatever `verify` throws; it counts as nothing, and the next in line may go. */
  async run<R extends { readonly outcome: string }>(verify: (reserve: Reserve) => Promise<R>): Promise<Landing<R>> {
    const { clock, hold } = this.#parts
    const startedAt = clock.monotonicMs()
    try {
      const result = await this.#turn.take(verify, (late) => this.#settleLate(late.outcome))
      const { pass } = this.#turn
      if (pass === undefined) return { result: FROZEN }
      if (result.outcome !== 'rejected') {
        // Nobody who was let in waits for the store; the next in line does.
        void this.#settle(pass, 0, this.#trace(0))
        return { result }
      }
      const refusedAt = clock.monotonicMs()
      hold.note(refusedAt - startedAt - pass.waitedMs)
      await this.#settle(pass, ...this.#refusal(pass))
      return { result, refusedAt }
    } catch (error) {
      const { pass } = this.#turn
      if (pass !== undefined) await this.#settle(pass, 0)
      throw error
    }
  }

  #enter(account: string | undefined, over: () => AbortSignal): Promise<Pass | undefined> {
    const { space, signal } = this.#attempt
    const { name, lane } = this.#approach
    const keys = [inLane(name, lane)]
    if (account !== undefined) keys.push(inLane(subjectDigest({ space, account }), lane))
    this.#account = account
    return this.#parts.gate.enter(keys, signal === undefined ? over : () => signal)
  }

  /** Counts a refusal, tells of it, and says how it is settled. */
  #refusal({ failures: before }: Pass): [freezeMs: number, trace: FailureTrace] {
    const { policy, repeated, rates, locks, tell } = this.#parts
    const { space, name } = this.#attempt
    const { network } = this.#approach
    const isRepeated = repeated.isRepeated(this.#approach)
    if (!isRepeated) rates.count(network)
    const failures = isRepeated ? Math.max(before, 1) : before + 1
    const forMs = freezeAfter(policy, failures)
    if (forMs > 0) {
      const shown = this.#account === undefined ? unknownName(name) : name
      locks.remember(space, name, this.#account)
      tell({ type: 'frozen', message: 'a secret was refused', space, name: shown, source: network, failures, forMs })
    }
    return [forMs, this.#trace(failures)]
  }

  #trace(failures: number): FailureTrace {
    return { failures, rememberMs: this.#parts.policy.escalation?.rememberMs ?? 0, source: this.#approach.network }
  }

  async #settle(pass: Pass, freezeMs: number, trace?: FailureTrace): Promise<void> {
    try {
      await this.#parts.gate.leave(pass, freezeMs, trace)
    } catch (error) {
      this.#settleFailed(error)
    }
  }

  /** A verdict nobody waits for any more: the reservation is gone, and a refusal freezes all the same. */
  #settleLate(outcome: string): void {
    const { pass } = this.#turn
    if (pass === undefined || outcome !== 'rejected') return
    this.#parts.gate.freeze(pass, ...this.#refusal(pass)).catch((error) => this.#settleFailed(error))
  }

  #settleFailed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    const message = `a verdict could not be stored (${why}); its names stay reserved until their lease ends`
    this.#parts.tell({ type: 'store_failed', message })
  }
}
