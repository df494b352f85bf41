import type { ChainLink } from './chain-link.ts'
import type { ExternalLogin } from './external-login.ts'
import type { Route } from './route.ts'
import type { ServerParts } from './server-parts.ts'

/** A group as a backend names it; the account directory maps it to an id. */
export interface GroupRef {
  /** Unique within the mode: a distinguished name, a claim value. */
  readonly key: string
  /** What people call it; the key when the backend has no other name. */
  readonly name?: string
}

/** A group found by its key. */
export interface Group extends GroupRef {
  readonly name: string
}

/** Who the backend says somebody is. The key is the pair (issuer, subject); a name or an e-mail address never is. */
export interface Identity {
  readonly mode: string
  /** Which directory or provider speaks: a base DN with its server, an issuer URL, or the mode itself. */
  readonly issuer: string
  /** The stable id there: a row id, `entryUUID`, `sub`. */
  readonly subject: string
  /** The backend's spelling, never what was typed. */
  readonly username: string
  readonly email?: string
  readonly displayName?: string
  readonly groups: readonly GroupRef[]
  /** The backend grants administration with this login. */
  readonly isAdmin?: boolean
  /**
   * Where the secret is kept with the local account: the version of the account that was verified against. When it is
   * another one by the time of admission, the password is verified once more, against what is there now.
   */
  readonly version?: string
}

/** Why a credential was refused. For the operator; a client is never told. */
export type RejectReason =
  | 'bad_credentials'
  | 'malformed'
  | 'unknown_name'
  | 'disabled'
  | 'locked'
  | 'expired'
  | 'must_change'
  | 'ambiguous'
  | 'no_local_password'
  | 'unknown_hash'
  | 'name_conflict'
  | 'not_allowed'
  | 'account_changed'

/** What verifying a password found. Anything else, such as a backend that is down, is thrown. */
export type AuthResult =
  | { readonly outcome: 'authenticated'; readonly identity: Identity }
  | { readonly outcome: 'rejected'; readonly reason: RejectReason }
  | { readonly outcome: 'abstained' }

/** The name or credential is not this mode's; the next one is asked. */
export const abstained: AuthResult = Object.freeze({ outcome: 'abstained' })
/** The credential is this mode's, and wrong, locked or disabled: the search stops. */
export const rejected = (reason: RejectReason): AuthResult => ({ outcome: 'rejected', reason })
/** The credential is right, and this is who presented it. */
export const authenticated = (identity: Identity): AuthResult => ({ outcome: 'authenticated', identity })

/** What goes with each call to a backend. */
export interface Call {
  /** The time budget, never the client's connection: hanging up must not undo a refusal. */
  readonly signal: AbortSignal
}

/** A name as it was typed, and its canonical form. */
export interface LoginName {
  readonly typed: string
  readonly canonical: string
}

/** What a look-up found: whose name it is, and the means to verify. */
export interface Candidate {
  /** The mode's stable key of the account (a row id, `entryUUID`). Absent: this mode does not know the name. */
  readonly account?: string
  /**
   * Verifies a password once. Without an `account` it does one stand-in verification of equal cost and abstains, so
   * that time does not tell who exists.
   *
   * @throws {BackendUnavailableError} when the backend cannot tell.
   */
  verify(password: string, call: Call): Promise<AuthResult>
}

/**
 * One auth mode. Looking up and verifying are two steps, because the freeze is on the account and is taken between
 * them.
 */
export interface Authenticator {
  /** The key in the registry: `ldap_auth`, and `ldap_auth/emea` for a second instance. */
  readonly mode: string
  /** This mode cannot look names up (UAA, auth proxy), so every name is its own; it must be asked last. */
  readonly claimsEveryName?: true
  /** @throws {BackendUnavailableError} when the backend cannot tell. */
  lookUp(name: LoginName, call: Call): Promise<Candidate>
  /** Finds a person for administration. */
  searchUser?(username: string, call: Call): Promise<Identity | undefined>
  /** Finds a group for administration. */
  searchGroup?(key: string, call: Call): Promise<Group | undefined>
  /** Checks that the backend answers; throws a typed error that says what is wrong and how to mend it. */
  ping?(call: Call): Promise<void>
  /** Ways in besides passwords, such as names of a form of their own. A server asks them before it asks for a password. */
  links?(server: ServerParts): readonly ChainLink[]
  /** The login in a browser, of a mode that has one. */
  readonly externalLogin?: ExternalLogin
  /** Routes that a server serves beside its own. */
  routes?(server: ServerParts): readonly Route[]
  /** Runs inside the guard after an account was admitted, for what the mode wants to record. */
  afterLogin?(account: { readonly id: number; readonly username: string }, identity: Identity): Promise<void>
}
