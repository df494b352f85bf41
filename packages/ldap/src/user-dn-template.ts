import * as z from 'zod'
import { escapeDnValue, parseDn } from './dn.ts'

/** Makes the distinguished name of whoever has a user name. */
export type UserDn = (username: string) => string

const PLACEHOLDER = '{username}'
const HINT = `must be a distinguished name with ${PLACEHOLDER} in it once, such as uid=${PLACEHOLDER},ou=people,dc=example,dc=com`

/** A template of distinguished names. A user name becomes one value in it, whatever it is made of. */
export const userDnTemplate = z.string(HINT).transform((template, context): UserDn => {
  const [before, after, ...more] = template.split(PLACEHOLDER)
  // An escape cannot reach over the placeholder: a name in its place would be read as something else.
  const dangling = /(?:^|[^\\])(?:\\\\)*\\[0-9A-Fa-f]?$/
  const userDn: UserDn = (username) => `${before}${escapeDnValue(username)}${after}`
  if (before === undefined || after === undefined || more.length > 0 || dangling.test(before) || !isSafe(userDn)) {
    context.addIssue(HINT)
    return z.NEVER
  }
  return userDn
})

/** Whether what goes in comes out as the same number of parts, even where it looks like more. */
function isSafe(userDn: UserDn): boolean {
  const parts = ['x', 'x,cn=y', 'x+cn=y'].map((name) => parseDn(userDn(name))?.rdns.length)
  return parts.every((count) => count !== undefined && count > 0 && count === parts[0])
}
