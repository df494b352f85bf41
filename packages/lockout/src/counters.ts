/** What the attempts of this process came to since it started; each is counted once. */
export interface LockoutCounters {
  /** Answered by the run of an equal attempt. */
  shared: number
  /** Answered by a kept result. */
  kept: number
  /** Verified, and not refused. */
  accepted: number
  /** Verified, and refused. */
  refused: number
  /** Not verified, because of a freeze. */
  frozen: number
  /** Not verified, because their source, or all sources together, had too many refused. */
  turnedAway: number
  /** Ended with an error: nothing is known about them. */
  failed: number
}

/** All zero. */
export const newCounters = (): LockoutCounters => ({
  shared: 0,
  kept: 0,
  accepted: 0,
  refused: 0,
  frozen: 0,
  turnedAway: 0,
  failed: 0,
})
