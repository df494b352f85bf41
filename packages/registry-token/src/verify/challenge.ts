import { type Access, formatBearerChallenge, formatScopeList, mergeScopes } from '@lockkeeper/registry-protocol'
import type { Needed, Verified, VerifyReason } from './contract.ts'

/** The refusals of one access controller for Bearer tokens. */
export interface Challenger {
  challenge(needed: readonly Needed[], reason: VerifyReason): Verified
}

/** What a client is told for a reason: nothing when it presented no token, and never more than RFC 6750 has words for. */
function errorFor(reason: VerifyReason): 'invalid_token' | 'insufficient_scope' | undefined {
  if (reason === 'no_token') return undefined
  return reason === 'insufficient_scope' ? reason : 'invalid_token'
}

/**
 * Makes Bearer challenges that name what was needed, one scope for each resource.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 section 3}
 */
export function bearerChallenger(realm: string, service: string): Challenger {
  return {
    challenge(needed, reason) {
      const error = errorFor(reason)
      const scope = formatScopeList(accessOf(needed))
      const challenge = formatBearerChallenge({ realm, service, scope, ...(error && { error }) })
      return { outcome: 'challenge', challenge, reason, ...(error && { error }) }
    },
  }
}

/** Needed records as access entries: one for each resource, with all its actions. */
export const accessOf = (needed: readonly Needed[]): readonly Access[] =>
  mergeScopes(needed.map(({ type, name, action }) => ({ type, name, actions: [action] })))

/** Whether every needed record is covered: type, name and action letter by letter, or the action `*`. */
export function covers(access: readonly Access[], needed: readonly Needed[]): boolean {
  return needed.every(({ type, name, action }) =>
    access.some(
      (entry) =>
        entry.type === type && entry.name === name && (entry.actions.includes(action) || entry.actions.includes('*')),
    ),
  )
}
