import type { RejectReason } from '@lockkeeper/core'
import type { BindAnswer } from './wire/bind.ts'

/** What a bind with somebody's password shows. */
export type BindVerdict =
  | { readonly outcome: 'right' }
  | { readonly outcome: 'refused'; readonly reason: RejectReason }
  /** The directory answered, and not about the password. */
  | { readonly outcome: 'cannot_tell' }

/**
 * Codes that a directory gives for a wrong password, or for a person who may not log in. Every other code, also one that
 * is not known here, says nothing about the password.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4511#appendix-A.2 | RFC 4511 appendix A.2}
 */
// biome-ignore format: a table is read by column
const REFUSALS: ReadonlyMap<number, RejectReason> = new Map([
  [49, 'bad_credentials'], // invalidCredentials: also for a DN that does not exist
  [32, 'bad_credentials'], // noSuchObject: some directories say so
  [34, 'bad_credentials'], // invalidDNSyntax: the name cannot be a part of one here
  [48, 'not_allowed'],     // inappropriateAuthentication: an entry without a password
  [50, 'not_allowed'],     // insufficientAccessRights: may not bind
  [53, 'not_allowed'],     // unwillingToPerform: the account is turned off, or the policy says no
  [19, 'not_allowed'],     // constraintViolation: too many failures
])

/** What Active Directory adds to code 49: `data 532`. */
// biome-ignore format: a table is read by column
const SUB_CODES: ReadonlyMap<string, RejectReason> = new Map([
  ['525', 'bad_credentials'], // no such user
  ['52e', 'bad_credentials'],
  ['52f', 'not_allowed'],     // account restrictions
  ['530', 'not_allowed'],     // not at this hour
  ['531', 'not_allowed'],     // not from here
  ['532', 'expired'],         // the password
  ['533', 'disabled'],
  ['701', 'expired'],         // the account
  ['773', 'must_change'],
  ['775', 'locked'],
])

/** What a password policy says beside the code (draft-behera-ldap-password-policy-11 section 6.2). */
const POLICY_ERRORS: ReadonlyMap<number, RejectReason> = new Map([
  [0, 'expired'],
  [1, 'locked'],
  [2, 'must_change'],
])

/** Sorts the answer to a bind with somebody's password into right, refused and cannot tell. */
export function judgeBind({ resultCode, diagnostic, policyError }: BindAnswer): BindVerdict {
  const policyReason = policyError === undefined ? undefined : POLICY_ERRORS.get(policyError)
  if (resultCode === 0) {
    // The directory lets such a person in to change the password, and for nothing else.
    return policyReason === undefined ? { outcome: 'right' } : { outcome: 'refused', reason: policyReason }
  }
  const reason = REFUSALS.get(resultCode)
  if (reason === undefined) return { outcome: 'cannot_tell' }
  return { outcome: 'refused', reason: policyReason ?? subCodeReason(resultCode, diagnostic) ?? reason }
}

/** The meaning of Active Directory's sub-code in the text beside code 49, where there is one. */
export function subCodeReason(resultCode: number, diagnostic: string): RejectReason | undefined {
  const subCode = resultCode === 49 ? /\bdata ([0-9a-f]{3,4})\b/i.exec(diagnostic)?.[1] : undefined
  return subCode === undefined ? undefined : SUB_CODES.get(subCode.toLowerCase())
}
