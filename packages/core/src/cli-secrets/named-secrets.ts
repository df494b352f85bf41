/** A secret that stands in for a person on the command line, as it is shown: everything but its digest. Instants are milliseconds of the wall clock. */
export interface NamedSecret {
  /** The part of the secret by which its row is found; no secret. */
  readonly id: string
  readonly accountId: number
  /** What the owner calls it; unique among the owner's secrets that are not revoked. */
  readonly name: string
  readonly createdAt: number
  /** The first instant at which it is worth nothing. */
  readonly expiresAt?: number
  /** At most a minute older than the last use. */
  readonly lastUsedAt?: number
  readonly revokedAt?: number
}

/** A row as a login reads it. */
export interface StoredNamedSecret extends NamedSecret {
  /** SHA-256 of the whole secret, lower-case hexadecimal. */
  readonly digest: string
}

/** The most secrets of one account that are not revoked. */
export const MAX_SECRETS_OF_ACCOUNT = 50

/** How far the instant of the last use lags behind, in milliseconds. */
export const LAST_USED_LAG_MS = 60_000

/** Keeps the secrets that people made for the command line. */
export interface NamedSecretStore {
  /**
   * @throws {ConflictError} when the account has a secret of that name, or {@link MAX_SECRETS_OF_ACCOUNT} of them.
   * @throws {NotFoundError} when there is no such account, where the store can tell.
   */
  add(secret: StoredNamedSecret): Promise<void>
  /** By the exact id; also one that is expired or revoked, as long as it is kept. */
  find(id: string): Promise<StoredNamedSecret | undefined>
  /** Those that are not revoked, the newest first. */
  list(accountId: number): Promise<readonly NamedSecret[]>
  /** @returns `false` when that account has no such secret, or it was revoked before. */
  revoke(accountId: number, id: string, at: number): Promise<boolean>
  /** Notes a use; what was noted within {@link LAST_USED_LAG_MS} stays. */
  touch(id: string, at: number): Promise<void>
}
