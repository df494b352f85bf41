/** A row of Harbor's `oidc_user` with the name of its account. `secret` and `token` are encrypted by Harbor. */
export interface HarborOidcUser {
  readonly accountId: number
  readonly username: string
  /** The subject immediately followed by the issuer. */
  readonly subiss: string
  readonly secret: string
  readonly token: string
}

/** Reads the CLI secrets that Harbor made, and keeps their tokens alive. */
export interface HarborOidcStore {
  /** By the exact user name; deleted accounts are not found. */
  find(username: string): Promise<HarborOidcUser | undefined>
  /** Reserves the token of an account for one holder among all processes. The lease ends by itself. */
  lease(accountId: number, holder: string, leaseMs: number): Promise<boolean>
  release(accountId: number, holder: string): Promise<void>
  /** Replaces the token if it is still the expected one (compare and swap). */
  replaceToken(accountId: number, expected: string, next: string): Promise<boolean>
}
