import { type Group, InvalidInputError } from '@lockkeeper/core'
import { isAtOrBelow, parseDn } from './dn.ts'
import { DirectoryFailure } from './failure.ts'
import { anyEntry } from './filter.ts'
import { groupOf, type Search } from './groups.ts'
import type { LdapAuthSettings } from './options.ts'
import { SearchRefused } from './wire/connection.ts'

const NO_SUCH_OBJECT = 32

/**
 * Finds a group by its distinguished name, where people's groups are taken from.
 *
 * @throws {InvalidInputError} when the key is no distinguished name.
 */
export async function searchGroup(
  { groups, baseDn }: Pick<LdapAuthSettings, 'groups' | 'baseDn'>,
  key: string,
  search: Search,
): Promise<Group | undefined> {
  const dn = parseDn(key)
  if (dn === undefined || dn.rdns.length === 0) {
    throw new InvalidInputError(
      'a group is named by its distinguished name, such as cn=team,ou=groups,dc=example,dc=com',
    )
  }
  if (groups.from === 'nowhere') return undefined
  const base = parseDn(groups.baseDn ?? (groups.from === 'search' ? (baseDn ?? '') : ''))
  if (base === undefined || !isAtOrBelow(dn, base)) return undefined
  const nameAttribute = groups.from === 'search' ? groups.nameAttribute : 'cn'
  const filter = (groups.from === 'search' ? groups.filter : undefined) ?? anyEntry
  try {
    const [entry] = await search({ base: key, scope: 'base', filter, attributes: [nameAttribute], enough: 1 })
    const group = entry && groupOf(entry, nameAttribute)
    return group && { key: group.key, name: group.name }
  } catch (error) {
    const refusal = error instanceof DirectoryFailure ? error.cause : undefined
    if (refusal instanceof SearchRefused && refusal.resultCode === NO_SUCH_OBJECT) return undefined
    throw error
  }
}
