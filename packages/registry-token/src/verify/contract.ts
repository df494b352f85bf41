import type { Access } from '@lockkeeper/registry-protocol'

/** One action on one resource that a request needs. */
export interface Needed {
  readonly type: string
  readonly name: string
  readonly action: string
}

/** What of a verified token is worth knowing after it was verified. */
export interface VerifiedToken {
  readonly issuer: string
  readonly audience: string
  readonly expiresAt: Date
  /** The `jti` claim. */
  readonly id?: string
}

/** Why a challenge is sent; for the operator, a client is told no more than `error`. */
export type VerifyReason =
  | 'no_token'
  | 'malformed_header'
  | 'too_large'
  | 'malformed_token'
  | 'duplicate_member'
  | 'algorithm_refused'
  | 'header_refused'
  | 'wrong_type'
  | 'no_key'
  | 'untrusted_key'
  | 'untrusted_certificate'
  | 'bad_signature'
  | 'malformed_claims'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_ahead'
  | 'lives_too_long'
  | 'insufficient_scope'
  | 'no_credentials'
  | 'bad_credentials'

/** Whether a request may proceed. */
export type Verified =
  | {
      readonly outcome: 'granted'
      /** Empty for an anonymous token. */
      readonly subject: string
      readonly access: readonly Access[]
      /** Absent where the controller does not work with tokens. */
      readonly token?: VerifiedToken
    }
  | {
      readonly outcome: 'challenge'
      /** The value of the one `WWW-Authenticate` field of the 401. */
      readonly challenge: string
      readonly error?: 'invalid_token' | 'insufficient_scope'
      readonly reason: VerifyReason
    }

/** Decides from the `Authorization` header whether a request may do what it needs to. */
export interface AccessController {
  /**
   * @param authorization The value of the header; absent when there is none.
   * @param needed Every record must be covered; none means that being authenticated is enough.
   * @throws {BackendUnavailableError} when what decides cannot be read: answer 503, never 401.
   */
  authorize(authorization: string | undefined, needed: readonly Needed[]): Promise<Verified>
}
