import type { Identity } from '@lockkeeper/core'
import type { UaaAuthSettings } from './options.ts'
import type { UserInfo } from './uaa-client.ts'

/** Lets the client ask who somebody is; granted to everybody, and nobody's group. */
const OPENID = 'openid'

/** Compiles the patterns that select groups among scopes: exact ones, and beginnings followed by `*`. */
export function groupSelector(patterns: readonly string[]): (scope: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')))
  const beginnings = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1))
  return (scope) =>
    scope !== OPENID && (exact.has(scope) || beginnings.some((beginning) => scope.startsWith(beginning)))
}

/** Says who somebody is. */
export type IdentityReader = (person: UserInfo, scopes: readonly string[]) => Identity

/** Makes the reader of what UAA says: people are known by their user id, and never by what was typed. */
export function identityReader(
  { mode, issuer, adminScope }: UaaAuthSettings,
  isGroup: (scope: string) => boolean,
): IdentityReader {
  return ({ user_id: subject, user_name: username, name, email, email_verified: isVerified }, scopes) => ({
    mode,
    issuer,
    subject,
    username,
    ...(email && isVerified !== false && { email }),
    ...(name && { displayName: name }),
    groups: scopes.filter(isGroup).map((key) => ({ key })),
    ...(adminScope !== undefined && scopes.includes(adminScope) && { isAdmin: true }),
  })
}
