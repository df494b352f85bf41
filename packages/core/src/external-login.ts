import type { AuthResult, Identity } from './authenticator.ts'
import type { BackendUnavailableError } from './errors.ts'

/** What a provider gave that lets us ask it again later. Tokens are encrypted before they are stored. */
export interface Grant {
  readonly issuer: string
  readonly subject: string
  readonly accessToken?: string
  readonly refreshToken?: string
  readonly idToken?: string
  /** When the access token ends, UTC. */
  readonly expiresAt?: Date
  /** The provider's name for the browser session (`sid`), which its sign-out notices may use instead of the subject. */
  readonly session?: string
}

/** How a login at a provider ended. */
export type External =
  | { readonly outcome: 'authenticated'; readonly identity: Identity; readonly grant: Grant }
  | { readonly outcome: 'rejected'; readonly reason: string }

/**
 * How a refresh ended. `unavailable`: the provider took the old grant, gave this new one, and then could not say who it is.
 * Keep the new grant, because the old one may be worth nothing by now, and throw the error.
 */
export type Refreshed =
  | External
  | { readonly outcome: 'unavailable'; readonly grant: Grant; readonly error: BackendUnavailableError }

/** What a provider's sign-out notice says: whose sessions end, all of them or one, or why nobody's do. */
export type LogoutNotice =
  | { readonly outcome: 'signed_out'; readonly issuer: string; readonly subject?: string; readonly session?: string }
  | { readonly outcome: 'rejected'; readonly reason: string }

/** A login that happens in the browser. The web layer keeps `pending`: single use, bound to the browser. */
export interface ExternalLogin {
  readonly mode: string
  /** What people call the provider; the button says it. */
  readonly name: string
  /** Whether a person who comes for the first time gets an account at once or chooses a user name first. */
  readonly onboarding: 'automatic' | 'ask'
  /**
   * Where the browser goes, and what `finish` needs to know when it is back.
   *
   * Put a value that nobody can guess into both. Where the query of `redirectTo` has it as `state`, the callback must
   * have the same `state`, which also tells the logins in two tabs of a browser apart.
   *
   * @throws {BackendUnavailableError} when the provider cannot be reached.
   */
  start(context: { readonly callbackUrl: URL }): Promise<{ redirectTo: URL; pending: Record<string, string> }>
  /** Call it once for each `pending`, after removing that from the store. */
  finish(callback: URL, pending: Readonly<Record<string, string>>): Promise<External>
  /** Asks the provider again, with a grant that works once: never twice at a time, and keep the one in the answer. */
  refresh?(grant: Grant): Promise<Refreshed>
  verifyToken?(token: string): Promise<AuthResult>
  /** The user name that people type on the command line; only where a token takes the place of a password there. */
  tokenUsername?(username: string): string
  /** Where the browser signs out at the provider; absent when the provider has no such page or cannot be asked. */
  endSession?(grant: Grant, context?: { readonly returnTo?: URL }): Promise<URL | undefined>
  /** Reads the form that a provider posts when somebody signed out there. */
  readLogoutToken?(body: string): Promise<LogoutNotice>
}

/** Where a sealed value is kept. A value that was moved elsewhere does not open. */
export interface SealedPlace {
  readonly table: string
  readonly column: string
  /** The id of the account that the row belongs to. */
  readonly account: string
}

/** Encrypts what is kept of a grant, so that a copy of the database is worth nothing and a changed row does not open. */
export interface TokenCipher {
  seal(plain: string, place: SealedPlace): string
  /** @throws {SealBrokenError} when the value was changed or moved, or its key is not in the key ring. */
  open(sealed: string, place: SealedPlace): string
}
