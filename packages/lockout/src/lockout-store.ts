/** How a store answers a request to reserve. */
export type Reservation =
  | {
      readonly outcome: 'granted'
      /** The largest count of consecutive failures remembered for any of the keys; 0 when none is. */
      readonly failures: number
    }
  | {
      /** `frozen`: after a refusal nothing may be tried yet. `busy`: somebody is trying right now. */
      readonly outcome: 'frozen' | 'busy'
      /** Milliseconds until the last of the freezes, or of the leases, that are in the way ends. */
      readonly forMs: number
    }

/** What a store remembers of a settled reservation besides the freeze. */
export interface FailureTrace {
  /** Consecutive failures, this one included; 0 after a success, which forgets them. */
  readonly failures: number
  /** How long the count outlives this call, in milliseconds, when that is longer than the freeze. */
  readonly rememberMs: number
  /** The network the last refused attempt came from, for the operator's list; at most 64 characters. */
  readonly source: string
}

/** One freeze that is running, as the operator sees it. */
export interface StoredFreeze {
  readonly key: string
  /** Milliseconds since the refusal. */
  readonly sinceMs: number
  /** Milliseconds until it ends. */
  readonly forMs: number
  readonly failures: number
  /** Empty when the refusal was settled without a trace. */
  readonly source: string
}

/**
 * Keeps who is frozen and who is being tried, for one process or for many.
 *
 * Keys and holders are opaque: digests of 43 base64url characters, never names. Durations cross this contract and
 * instants do not: a store measures with its own clock, so that processes whose clocks differ act as one. Every method
 * that touches several keys does so in one atomic step. Entries end by themselves: what is neither frozen, nor
 * reserved, nor remembered takes no space.
 *
 * A store that cannot be asked throws; what then happens is its caller's choice, never a grant.
 */
export interface LockoutStore {
  /**
   * Takes all keys or none. Any frozen key makes the answer `frozen`; otherwise any key that another holder has reserved
   * makes it `busy`. A holder that reserves what it holds already starts its lease anew.
   *
   * @param leaseMs How long the reservation lasts unless it is settled before: a holder that dies frees its keys.
   */
  reserve(keys: readonly string[], holder: string, leaseMs: number): Promise<Reservation>
  /**
   * Ends the holder's reservation of the keys; a reservation of another holder stays.
   *
   * @param freezeMs Above 0: every key is frozen from now until `freezeMs` have passed, that instant included, even when
   * the holder's lease ran out before, and never shorter than a freeze that runs already. 0 freezes nothing and ends no
   * freeze.
   * @param trace Replaces what is remembered of the keys; without it that stays as it was. From a holder whose lease ran
   * out before, a count only replaces a smaller one.
   */
  settle(keys: readonly string[], holder: string, freezeMs: number, trace?: FailureTrace): Promise<void>
  /** Marks a key for `forMs` milliseconds from now, marked or not. Marks, freezes and reservations of equal keys do not meet. */
  mark(key: string, forMs: number): Promise<void>
  /** Whether a mark of the key has not run out. */
  isMarked(key: string): Promise<boolean>
  /** The freezes that run now, at most `limit` of them, those that end last first. */
  list(limit: number): Promise<readonly StoredFreeze[]>
  /** Ends freezes and forgets failures of the keys; reservations stay, so that nothing is tried twice at once. */
  clear(keys: readonly string[]): Promise<void>
}
