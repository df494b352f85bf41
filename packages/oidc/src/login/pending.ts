import type { Checked } from '../refusal.ts'

const PURPOSE = 'oidc_login'
const LONGEST_LOGIN_MS = 600_000

/** What we have to know again when the browser comes back. */
export interface PendingLogin {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** Where the provider was told to send the browser; the code is redeemed with the same. */
  readonly redirectUri: string
}

/** Writes a pending login as strings for a store; it says what it is for, so that nothing else is taken for it. */
export const writePending = (login: PendingLogin, mode: string, wallMs: number): Record<string, string> => ({
  purpose: PURPOSE,
  mode,
  startedAt: String(wallMs),
  ...login,
})

/** Reads what {@link writePending} wrote, for the same mode and for ten minutes. */
export function readPending(
  record: Readonly<Record<string, string>>,
  mode: string,
  wallMs: number,
): Checked<PendingLogin> {
  const { purpose, state, nonce, verifier, redirectUri, startedAt } = record
  if (purpose !== PURPOSE || record.mode !== mode) return { refused: 'pending_invalid' }
  if (!state || !nonce || !verifier || !redirectUri || !URL.canParse(redirectUri)) return { refused: 'pending_invalid' }
  const ageMs = wallMs - Number(startedAt)
  // The wall clock may have been set back a little; a record from the future is no record of ours.
  if (!(ageMs >= -60_000 && ageMs <= LONGEST_LOGIN_MS)) return { refused: 'pending_expired' }
  return { value: { state, nonce, verifier, redirectUri } }
}
