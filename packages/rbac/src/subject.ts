/** How somebody stands in one project. */
export interface Standing {
  readonly isPublic: boolean
  /** Ids of all their roles there; unknown ones grant nothing. */
  readonly roles: readonly number[]
}

/** Somebody as a policy sees them. */
export interface Subject {
  /** The stored name; empty when anonymous. */
  readonly name: string
  readonly isSysAdmin: boolean
  /** By name: the projects that exist, as far as the question needs them. */
  readonly projects: ReadonlyMap<string, Standing>
}
