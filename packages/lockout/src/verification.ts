import { type Attempt, type Clock, type Frozen, type Reserve, unknownName } from '@lockkeeper/core'
import type { LockoutListener } from './events.ts'
import type { Gate, Pass } from './gate.ts'
import type { Hold } from './hold.ts'
import { lockKey } from './keys.ts'
import type { FailureTrace } from './lockout-store.ts'
import type { LockoutPolicy } from './policies.ts'
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
  readonly leaseMs: number
  readonly tell: LockoutListener
}

const FROZEN: Frozen = Object.freeze({ outcome: 'frozen' })

/** Runs one verification behind the gate and settles what it ends with: only `rejected` freezes. */
export class Verification {
  readonly #parts: VerificationParts
  readonly #attempt: Attempt
  readonly #turn: Turn
  #account: string | undefined

  constructor(parts: VerificationParts, attempt: Attempt) {
    const { clock, leaseMs, gate } = parts
    this.#parts = parts
    this.#attempt = attempt
    this.#turn = new Turn({
      clock,
      leaseMs,
      enter: (account) => {
        this.#account = account
        return gate.enter(keysOf(attempt, account), attempt.signal)
      },
    })
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
        void this.#settle(pass, 0)
        return { result }
      }
      const refusedAt = clock.monotonicMs()
      hold.note(refusedAt - startedAt - pass.waitedMs)
      await this.#refuse(pass)
      return { result, refusedAt }
    } catch (error) {
      if (this.#turn.pass !== undefined) await this.#settle(this.#turn.pass, 0)
      throw error
    }
  }

  async #refuse(pass: Pass): Promise<void> {
    const { policy, tell } = this.#parts
    const { space, name, source } = this.#attempt
    const failures = pass.failures + 1
    const forMs = policy.freezeMs
    await this.#settle(pass, forMs, { failures, rememberMs: 0, source })
    tell({
      type: 'frozen',
      message: 'a credential was refused; nothing is tried for this name and account while the freeze runs',
      space,
      name: this.#account === undefined ? unknownName(name) : name,
      source,
      failures,
      forMs,
    })
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
    const { gate, policy } = this.#parts
    const { pass } = this.#turn
    if (pass === undefined || outcome !== 'rejected') return
    const trace = { failures: pass.failures + 1, rememberMs: 0, source: this.#attempt.source }
    gate.freeze(pass, policy.freezeMs, trace).catch((error) => this.#settleFailed(error))
  }

  #settleFailed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    const message = `a verdict could not be stored (${why}); its names stay reserved until their lease ends`
    this.#parts.tell({ type: 'store_failed', message })
  }
}

const keysOf = (attempt: Attempt, account: string | undefined): readonly string[] =>
  account === undefined ? [lockKey(attempt)] : [lockKey(attempt), lockKey({ space: attempt.space, account })]
