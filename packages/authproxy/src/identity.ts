import type { Identity } from '@lockkeeper/core'
import type { HttpAuthSettings } from './options.ts'

/** What the proxy says of a person. */
export interface Person {
  readonly username: string
  readonly uid?: string | undefined
  readonly groups: readonly string[]
  readonly email?: string | undefined
  readonly displayName?: string | undefined
}

/** Says who somebody is; nothing without the uid that the settings ask for. */
export type IdentityReader = (person: Person) => Identity | undefined

/** Makes the reader of what the proxy says. Names and groups in the lists of administrators are compared exactly. */
export function identityReader({
  mode,
  issuer,
  subject: key,
  adminUsernames,
  adminGroups,
}: HttpAuthSettings): IdentityReader {
  const [names, groupNames] = [new Set(adminUsernames), new Set(adminGroups)]
  return ({ username, uid = '', groups, email, displayName }) => {
    const subject = key === 'uid' ? uid : username
    if (subject === '') return undefined
    const isAdmin = names.has(username) || groups.some((group) => groupNames.has(group))
    return {
      mode,
      issuer,
      subject,
      username,
      ...(email && { email }),
      ...(displayName && { displayName }),
      groups: groups.map((group) => ({ key: group })),
      ...(isAdmin && { isAdmin }),
    }
  }
}
