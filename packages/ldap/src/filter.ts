import { AndFilter, EqualityFilter, ExtensibleFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts'

/** Active Directory's rule that follows groups of groups. */
const IN_CHAIN = '1.2.840.113556.1.4.1941'

/**
 * Matches the one person of a name. The name is a value in a filter that is a tree, not text: no character of it has a
 * meaning.
 */
export const userFilter = (usernameAttribute: string, canonical: string, extra: Filter | undefined): Filter =>
  both(extra, new EqualityFilter({ attribute: usernameAttribute, value: canonical }))

/** Matches every entry: for questions about one. */
export const anyEntry: Filter = new PresenceFilter({ attribute: 'objectClass' })

/** Matches everybody who has a user name. */
export const everybodyFilter = (usernameAttribute: string, extra: Filter | undefined): Filter =>
  both(extra, new PresenceFilter({ attribute: usernameAttribute }))

/** Matches the groups that list one of these members in one of these attributes. */
export function memberFilter(
  attributes: readonly string[],
  members: readonly string[],
  extra: Filter | undefined,
): Filter {
  const tests = members.flatMap((value) => attributes.map((attribute) => new EqualityFilter({ attribute, value })))
  const [only, ...more] = tests
  return both(extra, only !== undefined && more.length === 0 ? only : new OrFilter({ filters: tests }))
}

/** Matches the groups that list a member, or list a group that does, and so on. */
export const inChainFilter = (attribute: string, member: string, extra: Filter | undefined): Filter =>
  both(extra, new ExtensibleFilter({ matchType: attribute, rule: IN_CHAIN, value: member }))

const both = (extra: Filter | undefined, filter: Filter): Filter =>
  extra === undefined ? filter : new AndFilter({ filters: [extra, filter] })
