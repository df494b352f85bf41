import { BackendUnavailableError, type Reserve } from '@lockkeeper/core'
import type { Deadlines } from './deadlines.ts'
import type { Pass } from './gate.ts'

/** What a turn is made of. */
export interface TurnParts {
  /** How long a run may take, its waiting for others included. */
  readonly deadlines: Deadlines
  /** Asks the gate for a pass for the name and, when it is known, the account; the signal ends the waiting. */
  readonly enter: (account: string | undefined, over: () => AbortSignal) => Promise<Pass | undefined>
}

/**
 * One run of a verification, held to its contract: `reserve` is called once, for one account, and awaited; only who was
 * granted a reservation answers with a verdict, and only who was not answers `frozen`. Anything else is an error in the
 * program, and no login.
 */
export class Turn {
  readonly #parts: TurnParts
  #isOver = false
  /** Made for those who wait: most do not. */
  #over: AbortController | undefined
  #reservation: { readonly account: string | undefined; readonly granted: Promise<boolean> } | undefined
  #answer: boolean | undefined
  #pass: Pass | undefined
  #breach: TypeError | undefined

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  /** The pass that was granted, if any: the caller settles it. */
  get pass(): Pass | undefined {
    return this.#pass
  }

  /**
   * Runs the verification within the time of a lease. Since the lease starts later, with the reservation, nobody else
   * can hold it while somebody waits for the verdict.
   *
   * @param late Told of a verdict that comes after that time, when nobody waits for it any more.
   * @throws {BackendUnavailableError} when the time is over.
   * @throws {TypeError} when the callback broke its contract; otherwise whatever the callback throws.
   */
  async take<R extends { readonly outcome: string }>(
    verify: (reserve: Reserve) => Promise<R>,
    late: (result: R) => void,
  ): Promise<R> {
    const { promise, resolve, reject } = Promise.withResolvers<R>()
    const callOff = this.#parts.deadlines.set(() => reject(tooLong()))
    const running = this.#run(verify)
    running.then(resolve, reject)
    try {
      return await promise
    } catch (error) {
      this.#end()
      await this.#reservation?.granted.catch(() => {})
      running.then(late, () => {})
      throw error
    } finally {
      callOff()
      this.#end()
    }
  }

  async #run<R extends { readonly outcome: string }>(verify: (reserve: Reserve) => Promise<R>): Promise<R> {
    const result = await verify((account) => this.#reserve(account))
    const answer = this.#answer
    if (this.#breach !== undefined) throw this.#breach
    // A reservation that failed was swallowed by the callback: what it answers instead cannot be believed.
    const granted = await this.#reservation?.granted
    if (granted !== undefined && granted === answer && granted !== (result.outcome === 'frozen')) return result
    const when = granted === undefined ? 'and never called reserve' : `when reserve had answered ${answer ?? 'nothing'}`
    throw new TypeError(`a verification answered ${result.outcome} ${when}`)
  }

  async #reserve(account: string | undefined): Promise<boolean> {
    if (this.#isOver) throw new TypeError('reserve was called after its verification had ended')
    if (this.#reservation !== undefined && this.#reservation.account !== account) {
      this.#breach = new TypeError('reserve was called for two accounts in one verification')
      throw this.#breach
    }
    this.#reservation ??= { account, granted: this.#enter(account) }
    return this.#reservation.granted
  }

  async #enter(account: string | undefined): Promise<boolean> {
    this.#pass = await this.#parts.enter(account, () => this.#signal())
    this.#answer = this.#pass !== undefined
    return this.#answer
  }

  #signal(): AbortSignal {
    this.#over ??= new AbortController()
    return this.#over.signal
  }

  #end(): void {
    this.#isOver = true
    // With a reason of its own: the default one is an error, made with its stack each time.
    this.#over?.abort('over')
  }
}

const tooLong = (): BackendUnavailableError =>
  new BackendUnavailableError('lockout', 'a verification took longer than leaseMs allows')
