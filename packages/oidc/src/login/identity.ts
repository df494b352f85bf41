import { canonicalName, type GroupRef, type Identity } from '@lockkeeper/core'
import type { OidcAuthSettings } from '../options.ts'
import type { Checked, JsonObject } from '../refusal.ts'
import { MAX_GROUP_NAME } from './group-filter.ts'

const MAX_GROUPS = 1000

/** Turns claims into identities. */
export type ToIdentity = (subject: string, claims: JsonObject) => Checked<Identity>

/**
 * Makes the function that reads claims. The key of a person is the issuer and the subject, in two fields; a name or an
 * e-mail address never is.
 *
 * @param selects Which groups are taken over. Administration is decided on all of them.
 */
export function identityReader(settings: OidcAuthSettings, selects: (group: string) => boolean): ToIdentity {
  const { mode, issuer, usernameClaim, emailClaim, groupsClaim, adminGroup } = settings
  return (subject, claims) => {
    const username = textOf(claims, usernameClaim)
    if (username === undefined || canonicalName(username) === undefined) return { refused: 'username_claim' }
    const email = claims.email_verified === false ? undefined : textOf(claims, emailClaim)
    const displayName = textOf(claims, 'name')
    const groups = groupsClaim === undefined ? [] : namesOf(claims, groupsClaim)
    return {
      value: {
        mode,
        issuer,
        subject,
        username,
        ...(email !== undefined && { email }),
        ...(displayName !== undefined && { displayName }),
        groups: groups.filter(selects).slice(0, MAX_GROUPS).map(toGroup),
        ...(adminGroup !== undefined && groups.includes(adminGroup) && { isAdmin: true }),
      },
    }
  }
}

const toGroup = (key: string): GroupRef => ({ key })

function textOf(claims: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined
  return typeof value === 'string' && value !== '' && value.length <= 255 ? value : undefined
}

/** A claim that lists names: an array, whose other members are passed over, or one name alone. */
function namesOf(claims: JsonObject, name: string): readonly string[] {
  const value: unknown = Object.hasOwn(claims, name) ? claims[name] : undefined
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value]
  const isName = (each: unknown): each is string =>
    typeof each === 'string' && each !== '' && each.length <= MAX_GROUP_NAME
  return [...new Set(listed.filter(isName))]
}
