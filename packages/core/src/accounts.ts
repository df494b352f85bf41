import type { GroupRef, Identity, LoginName, RejectReason } from './authenticator.ts'

/** The local record a login resolved to, as the rest of a request sees it. */
export interface Account {
  readonly id: number
  /** The stored spelling. */
  readonly username: string
  readonly email?: string
  readonly displayName?: string
  /** The stored flag, or granted by the backend with this login. */
  readonly isAdmin: boolean
  /** Ids of the groups the backend named with this login. */
  readonly groupIds: readonly number[]
  readonly mode: string
  /** The version it was admitted in, see {@link AccountStore.version}; without one the login is verified each time. */
  readonly version?: string
}

/** An account as it is stored. */
export interface AccountRecord {
  readonly id: number
  readonly username: string
  readonly email?: string
  readonly displayName?: string
  readonly isAdmin: boolean
  readonly disabled: boolean
  /** The auth mode that owns it: `db_auth` for people with a local password. */
  readonly mode: string
  /** See {@link AccountStore.version}; read in one step with the rest. Lists may leave it out. */
  readonly version?: string
}

/** Who an account is elsewhere. */
export interface IdentityLink {
  readonly mode: string
  readonly issuer: string
  readonly subject: string
}

/** Keeps accounts, their links and the groups they were seen in. */
export interface AccountStore {
  findById(id: number): Promise<AccountRecord | undefined>
  /** Exact first, then the only one whose canonical name matches. Deleted accounts are not found. */
  findByName(name: LoginName): Promise<AccountRecord | undefined>
  findByLink(link: IdentityLink): Promise<AccountRecord | undefined>
  /**
   * Creates and links an account for an identity that has none, in one atomic step; a racing login gets the same one.
   *
   * @returns `undefined` when the user name belongs to somebody else. An e-mail address that is taken is left out.
   */
  onboard(identity: Identity): Promise<AccountRecord | undefined>
  /** Stores what the backend says of a person; an e-mail address that is taken is left out. */
  updateProfile(id: number, profile: { readonly email?: string; readonly displayName?: string }): Promise<void>
  /** Ids of these groups, creating those not seen before. */
  groupIds(mode: string, groups: readonly GroupRef[]): Promise<readonly number[]>
  /** A digest of the credential columns and flags, so that a change made by anybody shows; absent for no account. */
  version(id: number): Promise<string | undefined>
}

/** What `user` commands do with accounts. Every method throws {@link NotFoundError} for an id that is not there. */
export interface AccountAdministration {
  list(page?: { readonly after?: number; readonly limit?: number }): Promise<readonly AccountRecord[]>
  /** @throws {ConflictError} when the name or e-mail address is taken, folded spellings included. */
  add(person: NewPerson): Promise<AccountRecord>
  /** Removes softly: the name can be used again, the memberships are gone. */
  remove(id: number): Promise<void>
  setDisabled(id: number, disabled: boolean): Promise<void>
  setAdmin(id: number, isAdmin: boolean): Promise<void>
  setPassword(id: number, stored: StoredPassword): Promise<void>
  /** @throws {ConflictError} when another account has this link. */
  link(id: number, link: IdentityLink): Promise<void>
}

/** A person to be added; without a password nobody can log in with one. */
export interface NewPerson {
  readonly username: string
  readonly email?: string
  readonly displayName?: string
  readonly isAdmin?: boolean
  readonly password?: StoredPassword
}

/** A password as it is stored: never the password itself. */
export interface StoredPassword {
  /** A PHC string, or the hexadecimal key of a PBKDF2 row. */
  readonly hash: string
  /** The salt of a PBKDF2 row, used as text; empty where the hash carries its own. */
  readonly salt: string
  /** The scheme's name, such as `argon2id` or `sha256`; empty when the row says none. */
  readonly scheme: string
}

/** One row that may hold a local password. */
export interface PasswordRow {
  readonly account: AccountRecord
  readonly stored: StoredPassword
  /** The account belongs to another mode: whatever its password column holds never logs anybody in. */
  readonly isExternal: boolean
}

/** Reads and replaces local passwords. */
export interface PasswordStore {
  /** A user-name match wins; the e-mail address is tried only when no user name matches, so one login is one row. */
  find(name: LoginName): Promise<PasswordRow | undefined>
  /** Replaces a password if it is still the expected one (compare and swap). */
  replace(accountId: number, expected: StoredPassword, next: StoredPassword): Promise<boolean>
  /**
   * The schemes that stored rows have now, unknown ones included. One of argon2id is the head of its PHC string, since
   * the parameters decide what it costs: `$argon2id$v=19$m=19456,t=2,p=1`.
   */
  schemes(): Promise<readonly string[]>
}

/** What admission found. */
export type Admission =
  | { readonly outcome: 'admitted'; readonly account: Account }
  | { readonly outcome: 'refused'; readonly reason: RejectReason }
  | { readonly outcome: 'choose_name' }

/** Turns an identity into an account. It runs inside the lockout's guard, or it becomes an oracle. */
export interface AccountDirectory {
  /** @throws {BackendUnavailableError} when the accounts cannot be read. */
  admit(identity: Identity): Promise<Admission>
  /** See {@link AccountStore.version}. */
  version(id: number): Promise<string | undefined>
}
