import type { GroupRef } from '@lockkeeper/core'
import type { SearchRequest } from './directory-connection.ts'
import { type Dn, isAtOrBelow, normaliseDn, parseDn } from './dn.ts'
import type { DirectoryEntry } from './entry.ts'
import { anyEntry, inChainFilter, memberFilter } from './filter.ts'
import type { GroupSearchSettings } from './group-options.ts'
import type { LdapAuthSettings } from './options.ts'
import type { Person } from './person.ts'

/** Asks the directory, as the search account or as the person. */
export type Search = (request: SearchRequest) => Promise<readonly DirectoryEntry[]>

/** The groups of a person, and whether one of them makes an administrator. */
export interface Membership {
  readonly groups: readonly GroupRef[]
  readonly isAdmin?: boolean
  /** There were more groups than `max`; the first ones are here. */
  readonly isCut: boolean
}

/** Active Directory, and whatever has its in-chain rule, says so in the root entry. */
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800'
/** How deep groups of groups are followed where the directory does not do it. */
const DEEPEST = 8
/** How many groups one question names. */
const BATCH = 50

type MembershipSettings = Pick<LdapAuthSettings, 'groups' | 'baseDn' | 'adminGroupDn'>

/** Finds the groups of people. */
export class GroupFinder {
  readonly #settings: MembershipSettings
  readonly #admin: string | undefined
  /** Where groups count that a person's entry lists; absent: everywhere. */
  readonly #base: Dn | undefined
  #hasInChain: boolean | undefined

  constructor(settings: MembershipSettings) {
    const { groups, adminGroupDn } = settings
    this.#settings = settings
    this.#admin = adminGroupDn === undefined ? undefined : normaliseDn(adminGroupDn)
    this.#base = groups.from === 'memberOf' && groups.baseDn !== undefined ? parseDn(groups.baseDn) : undefined
  }

  /** One question, or none where the person's entry lists its groups; groups of groups may take more. */
  async membershipOf(person: Person, search: Search): Promise<Membership> {
    const { groups: settings } = this.#settings
    const listed = person.memberOf.flatMap((dn) => refOf(dn) ?? [])
    let found: readonly GroupRef[] = []
    if (settings.from === 'memberOf') found = listed.filter((group) => this.#isInPlace(group)).map(toRef)
    if (settings.from === 'search') found = await this.#searchGroups(person, settings, search)
    const groups = [...new Map(found.map((group) => [group.key, group])).values()]
    const max = settings.from === 'nowhere' ? 0 : settings.max
    return {
      groups: groups.slice(0, max),
      ...(this.#admin !== undefined && { isAdmin: [...listed, ...groups].some(({ key }) => key === this.#admin) }),
      isCut: groups.length > max,
    }
  }

  #isInPlace({ place }: { readonly place: Dn }): boolean {
    return this.#base === undefined || isAtOrBelow(place, this.#base)
  }

  async #searchGroups(person: Person, settings: GroupSearchSettings, search: Search): Promise<readonly GroupRef[]> {
    const { memberAttributes, memberIs, nested, filter } = settings
    const member = memberIs === 'dn' ? person.dn : person.username
    const ask = async (wanted: SearchRequest['filter']): Promise<readonly (GroupRef & { readonly dn: string })[]> => {
      const { baseDn: base = this.#settings.baseDn ?? '', scope, nameAttribute } = settings
      const entries = await search({ base, scope, filter: wanted, attributes: [nameAttribute] })
      return entries.flatMap((entry) => groupOf(entry, nameAttribute) ?? [])
    }
    if (!nested) return (await ask(memberFilter(memberAttributes, [member], filter))).map(toRef)
    const [attribute = 'member'] = memberAttributes
    if (await this.#canAskInChain(search)) return (await ask(inChainFilter(attribute, member, filter))).map(toRef)

    const known = new Map<string, GroupRef>()
    let level = [member]
    for (let depth = 0; level.length > 0 && depth < DEEPEST && known.size <= settings.max; depth++) {
      const next: string[] = []
      for (let at = 0; at < level.length; at += BATCH) {
        for (const group of await ask(memberFilter(memberAttributes, level.slice(at, at + BATCH), filter))) {
          if (known.has(group.key)) continue
          known.set(group.key, toRef(group))
          next.push(group.dn)
        }
      }
      level = next
    }
    return [...known.values()]
  }

  /** Asked once; a directory does not become another kind of directory. */
  async #canAskInChain(search: Search): Promise<boolean> {
    if (this.#hasInChain === undefined) {
      const attributes = ['supportedCapabilities']
      const [root] = await search({ base: '', scope: 'base', filter: anyEntry, attributes, enough: 1 })
      this.#hasInChain = root?.texts('supportedCapabilities').includes(ACTIVE_DIRECTORY) === true
    }
    return this.#hasInChain
  }
}

/** A group's key and name, from its entry; `undefined` when its name is none. */
export function groupOf(
  entry: DirectoryEntry,
  nameAttribute: string,
): (GroupRef & { readonly name: string; readonly dn: string }) | undefined {
  const ref = refOf(entry.dn)
  return ref && { key: ref.key, name: entry.display(nameAttribute) ?? ref.name, dn: entry.dn }
}

function refOf(dn: string): { readonly key: string; readonly name: string; readonly place: Dn } | undefined {
  const place = parseDn(dn)
  if (place === undefined || place.rdns.length === 0) return undefined
  return { key: place.rdns.join(','), name: place.leafValue, place }
}

const toRef = ({ key, name }: GroupRef): GroupRef => ({ key, ...(name !== undefined && { name }) })
