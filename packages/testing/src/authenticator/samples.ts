import type { Authenticator, Identity } from '@lockkeeper/core'

/** A user name and a password to try. */
export interface PasswordSample {
  readonly username: string
  readonly password: string
}

/** Writes a {@link PasswordSample}. */
export const password = (username: string, password: string): PasswordSample => ({ username, password })

/**
 * What the contract needs to know of an auth mode. Dozens of wrong passwords are tried on the accepted person, so the
 * backend of the tests must lock nobody out.
 */
export interface AuthenticatorSamples {
  /** Makes the mode; called once. */
  make(): Authenticator | Promise<Authenticator>
  /** Somebody who can log in. */
  readonly accepted: PasswordSample
  /** Fields that this person's identity must have, beside those that every identity has. */
  readonly identity?: Partial<Identity>
  /** Other names that this person logs in with: another case, an e-mail address. All are one account. */
  readonly spellings?: readonly string[]
  /** People the mode knows, with what must not let them in. */
  readonly rejected: readonly PasswordSample[]
  /** Names the mode does not know: patterns that match somebody, somebody deleted, nobody. */
  readonly unknown: readonly PasswordSample[]
  /** How many passwords the backend has checked so far, to show that every attempt costs one check. */
  verifications?(): number
  /**
   * How long one login may take, and how long a mode may leave a backend alone that is back, in milliseconds: 10 000 by
   * default, more where the backend is slow.
   */
  readonly patienceMs?: number
  /** Stops the backend. The mode must then say that it cannot tell. */
  breakBackend?(): unknown
  /** Lets the backend accept whatever it is asked and never answer; needs `restoreBackend`. */
  stallBackend?(): unknown
  /** Ends what `breakBackend` and `stallBackend` began. */
  restoreBackend?(): unknown
}
