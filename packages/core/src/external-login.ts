import type { AuthResult, Identity } from './authenticator.ts'

/** What a provider gave that lets us ask it again later. Tokens are encrypted before they are stored. */
export interface Grant {
  readonly issuer: string
  readonly subject: string
  readonly accessToken?: string
  readonly refreshToken?: string
  readonly idToken?: string
  /** When the access token ends, UTC. */
  readonly expiresAt?: Date
}

/** How a login at a provider ended. */
export type External =
  | { readonly outcome: 'authenticated'; readonly identity: Identity; readonly grant: Grant }
  | { readonly outcome: 'rejected'; readonly reason: string }

/** A login that happens in the browser. The web layer keeps `pending`: single use, bound to the browser. */
export interface ExternalLogin {
  readonly mode: string
  /** @throws {BackendUnavailableError} when the provider cannot be reached. */
  start(context: { readonly callbackUrl: URL }): Promise<{ redirectTo: URL; pending: Record<string, string> }>
  finish(callback: URL, pending: Readonly<Record<string, string>>): Promise<External>
  refresh?(grant: Grant): Promise<External>
  verifyToken?(token: string): Promise<AuthResult>
  endSession?(grant: Grant): Promise<URL | undefined>
  readLogoutToken?(body: string): Promise<{ issuer: string; subject?: string; session?: string }>
}
