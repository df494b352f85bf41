/** An attempt as the lockout recognises it: nothing in it can be read. */
export interface Approach {
  /** The digest of space and name. */
  readonly name: string
  /** The keyed digest of space, name and secret. */
  readonly secret: string
  /** What its source is counted under. */
  readonly network: string
  /** Who shares a freeze with it; empty when all do. */
  readonly lane: string
}
