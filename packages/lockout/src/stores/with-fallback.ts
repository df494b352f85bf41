import { BackendUnavailableError, type Clock, systemClock } from '@lockkeeper/core'
import { type LockoutListener, quietly } from '../events.ts'
import type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from '../lockout-store.ts'
import { memoryLockoutStore } from './memory-lockout-store.ts'
import { type Ending, Untold } from './untold.ts'

/** Options of {@link withFallback}. */
export interface FallbackOptions {
  /** The machine's clock by default. */
  readonly clock?: Clock
  /** How long the shared store may take to answer, in milliseconds; 250 by default. */
  readonly budgetMs?: number
  /** How long it is left alone after it failed, in milliseconds; 1000 by default. Then one call asks it again. */
  readonly retryAfterMs?: number
  /**
   * What happens meanwhile. `local` (default): freezes of this process alone. `deny`: every attempt is answered with
   * {@link BackendUnavailableError}, which hands a switch for everybody to whoever can slow the store.
   */
  readonly whenLost?: 'local' | 'deny'
  /** Told `store_lost` and `store_back`. */
  readonly onEvent?: LockoutListener
}

/**
 * Keeps a shared store from being a single point of failure: when it is slow or gone, freezes of this process apply,
 * and when it is back it is asked again. Guesses stay bounded throughout: one refused verification per freeze and
 * process without the store, and freezes that it was never told of run on after it is back. A moment later it is told
 * of them, and of every reservation that has ended meanwhile, or it would keep those names from all until their lease
 * ends.
 */
export const withFallback = (shared: LockoutStore, options: FallbackOptions = {}): LockoutStore =>
  new FallbackStore(shared, options)

const NEVER = Number.NEGATIVE_INFINITY

class FallbackStore implements LockoutStore {
  readonly #shared: LockoutStore
  readonly #local: LockoutStore
  readonly #options: Required<FallbackOptions>
  readonly #untold: Untold
  #leaseMs = 0
  #isLost = false
  #askAgainAt = NEVER
  /** Until when freezes may run that the shared store does not know. */
  #untoldUntil = NEVER

  constructor(shared: LockoutStore, options: FallbackOptions) {
    const clock = options.clock ?? systemClock
    this.#shared = shared
    this.#local = memoryLockoutStore({ clock })
    this.#untold = new Untold(clock)
    this.#options = {
      budgetMs: 250,
      retryAfterMs: 1000,
      whenLost: 'local',
      ...options,
      clock,
      onEvent: quietly(options.onEvent),
    }
  }

  async reserve(keys: readonly string[], holder: string, leaseMs: number): Promise<Reservation> {
    const unused = { keys, holder, frozenUntil: NEVER }
    this.#leaseMs = leaseMs
    let wasAsked = false
    const reserving = () => {
      wasAsked = true
      return this.#shared.reserve(keys, holder, leaseMs)
    }
    const giveBack = (late: Reservation) =>
      late.outcome === 'granted' && this.#settleShared(this.#untold.get(holder) ?? unused)
    const answer = await this.#ask(reserving, giveBack)
    if (answer === undefined && this.#options.whenLost === 'deny') {
      if (wasAsked) await this.#tell(unused)
      throw new BackendUnavailableError('lockout', 'its shared store does not answer', { retryAfterSeconds: 2 })
    }
    if (answer !== undefined && answer.outcome !== 'granted') return answer
    // Kept in step with the shared store, so that it knows what runs when that is lost.
    const local = await this.#local.reserve(keys, holder, leaseMs)
    if (answer !== undefined && (local.outcome === 'granted' || this.#now() > this.#untoldUntil)) return answer
    // Whoever is not let in never settles.
    if (local.outcome !== 'granted' && wasAsked) await this.#tell(unused)
    return local
  }

  async settle(keys: readonly string[], holder: string, freezeMs: number, trace?: FailureTrace): Promise<void> {
    await this.#local.settle(keys, holder, freezeMs, trace)
    const frozenUntil = freezeMs > 0 ? this.#now() + freezeMs : NEVER
    const isTold = await this.#tell({ keys, holder, frozenUntil, trace })
    if (!isTold) this.#untoldUntil = Math.max(this.#untoldUntil, frozenUntil)
  }

  async mark(key: string, forMs: number): Promise<void> {
    await this.#local.mark(key, forMs)
    await this.#ask(() => this.#shared.mark(key, forMs))
  }

  async isMarked(key: string): Promise<boolean> {
    return (await this.#local.isMarked(key)) || (await this.#ask(() => this.#shared.isMarked(key))) === true
  }

  async list(limit: number): Promise<readonly StoredFreeze[]> {
    const shared = await this.#ask(() => this.#shared.list(limit))
    const local = shared === undefined || this.#now() <= this.#untoldUntil ? await this.#local.list(limit) : []
    const byKey = new Map([...local, ...(shared ?? [])].map((freeze) => [freeze.key, freeze]))
    return [...byKey.values()].sort((a, b) => b.forMs - a.forMs).slice(0, limit)
  }

  /** @throws {BackendUnavailableError} when the shared store does not answer: other processes still freeze. */
  async clear(keys: readonly string[]): Promise<void> {
    await this.#local.clear(keys)
    const cleared = await this.#ask(async () => {
      await this.#shared.clear(keys)
      return true
    })
    if (!cleared) throw new BackendUnavailableError('lockout', 'its shared store does not answer: cleared here alone')
  }

  /**
   * Asks the shared store within the budget.
   *
   * @param late Told an answer that came after the budget.
   * @returns Nothing when it failed, is late, or is being left alone.
   */
  async #ask<T>(question: () => Promise<T>, late: (answer: T) => unknown = () => {}): Promise<T | undefined> {
    const { clock, budgetMs, retryAfterMs } = this.#options
    if (this.#isLost) {
      if (this.#now() < this.#askAgainAt) return undefined
      // One call finds out; the others need not wait for it.
      this.#askAgainAt = this.#now() + budgetMs + retryAfterMs
    }
    const answered = new AbortController()
    const budget = clock.sleep(budgetMs, answered.signal).then(() => undefined)
    const answer = (async () => question())()
    try {
      const inTime = await Promise.race([answer.then((value) => ({ value })), budget])
      if (inTime === undefined) throw new Error(`no answer within ${budgetMs} ms`)
      this.#found()
      return inTime.value
    } catch (error) {
      this.#lost(error)
      answer.then(late).catch(() => {})
      return undefined
    } finally {
      answered.abort('answered')
    }
  }

  /** @returns Whether the shared store knows; otherwise it hears of it when it is back. */
  async #tell(ending: Ending): Promise<boolean> {
    const isTold = await this.#ask(async () => {
      await this.#settleShared(ending)
      return true
    })
    if (isTold) this.#untold.delete(ending.holder)
    else this.#untold.add(ending, this.#leaseMs)
    return isTold === true
  }

  async #settleShared({ keys, holder, frozenUntil, trace }: Ending): Promise<void> {
    await this.#shared.settle(keys, holder, Math.max(Math.ceil(frozenUntil - this.#now()), 0), trace)
  }

  async #tellAll(): Promise<void> {
    // What was on its way when the store was lost may be run only now that it is back: that goes first.
    await this.#options.clock.sleep(this.#options.retryAfterMs)
    for (const ending of this.#untold.all()) {
      if (this.#isLost) return
      await this.#tell(ending)
    }
  }

  #found(): void {
    if (!this.#isLost) return
    this.#isLost = false
    void this.#tellAll()
    this.#options.onEvent({ type: 'store_back', message: 'the shared store of the lockout answers again' })
  }

  #lost(error: unknown): void {
    this.#askAgainAt = this.#now() + this.#options.retryAfterMs
    if (this.#isLost) return
    this.#isLost = true
    const why = error instanceof Error ? error.message : String(error)
    const meanwhile = this.#options.whenLost === 'deny' ? 'every attempt fails' : 'each process freezes by itself'
    const message = `the shared store of the lockout is lost (${why}); ${meanwhile} until it answers again`
    this.#options.onEvent({ type: 'store_lost', message })
  }

  #now(): number {
    return this.#options.clock.monotonicMs()
  }
}
