/** One attempt to use a guessable secret. */
export interface Attempt {
  /** Which population the name belongs to: `people`, `robots`, `secrets`. Equal names in two spaces do not meet. */
  readonly space: string
  /** The canonical name; see `canonicalName`. */
  readonly name: string
  readonly secret: string
  /** The network address the attempt came from. */
  readonly source: string
  /** The time budget of the whole login. */
  readonly signal?: AbortSignal
}

/**
 * The one atomic step before verification: takes every key of the attempt (its name and, when given, the account it
 * resolved to) or none.
 *
 * @returns `false` when any of them is frozen: nothing is verified, and the callback returns at once.
 * @throws {BackendUnavailableError} when too many attempts wait already.
 */
export type Reserve = (account?: string) => Promise<boolean>

/** The answer to an attempt that was not verified because its name or account is frozen. */
export interface Frozen {
  readonly outcome: 'frozen'
}

/** What a guard returns. */
export interface Guarded<R> {
  readonly result: R | Frozen
  /** The monotonic time, in milliseconds, before which the answer must not leave. Past or zero: at once. */
  readonly answerAt: number
}

/** Guards verifications. An outcome of `rejected` freezes; a throw counts as nothing. */
export interface Lockout {
  /**
   * Runs `verify` inside the guard. Attempts with equal space, name and secret that arrive together share one run.
   *
   * @param verify Looks the name up, calls `reserve`, and verifies only when that returned `true`.
   * @param options.stillTrue Asked before a kept result is used again.
   * @throws whatever `verify` throws.
   */
  guard<R extends { readonly outcome: string }>(
    attempt: Attempt,
    verify: (reserve: Reserve) => Promise<R>,
    options?: { stillTrue?(kept: R): Promise<boolean> },
  ): Promise<Guarded<R>>
  /**
   * When the answer to an attempt that arrived at `arrivedAt` (monotonic milliseconds) leaves if nothing was verified,
   * so that malformed, frozen and wrong look alike.
   */
  heldUntil(arrivedAt: number): number
}
