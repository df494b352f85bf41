import type { GroupRef } from '@lockkeeper/core'
import type { SearchRequest } from './directory-connection.ts'
import { isAtOrBelow, normaliseDn, parseDn } from './dn.ts'
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
  #hasInChain: boolean | undefined

  constructor(settings: MembershipSettings) {
    this.#settings = settings
  }

  /** One question, or none where the person's entry lists its groups; groups of groups may take more. */
  async membershipOf(person: Person, search: Search): Promise<Membership> {
    const { groups: settings, adminGroupDn } = this.#settings
    const listed = person.memberOf.flatMap((dn) => refOf(dn) ?? [])
    let found: readonly GroupRef[] = []
    if (settings.from === 'memberOf') found = listed.filter(({ key }) => isBelow(key, settings.baseDn))
    if (settings.from === 'search') found = await this.#searchGroups(person, settings, search)
    found = [...new Map(found.map((group) => [group.key, group])).values()]
    const max = settings.from === 'nowhere' ? 0 : settings.max
    const admin = adminGroupDn === undefined ? undefined : normaliseDn(adminGroupDn)
    return {
      groups: found.slice(0, max),
      ...(admin !== undefined && { isAdmin: [...listed, ...found].some(({ key }) => key === admin) }),
      isCut: found.length > max,
    }
  }

  async #searchGroups(person: Person, settings: GroupSearchSettings, search: Search): Promise<readonly GroupRef[]> {
    const { memberAttributes, memberIs, nested, filter } = settings
    const member = memberIs === 'dn' ? person.dn : person.username
    const ask = async (wanted: SearchRequest['filter']): Promise<readonly (GroupRef & { readonly dn: string })[]> => {
      const { baseDn: base = this.#settings.baseDn ?? '', scope, nameAttribute } = settings
      const entries = await search({ base, scope, filter: wanted, attributes: [nameAttribute] })
      return entries.flatMap((entry) => groupOf(entry, nameAttribute) ?? [])
    }
    if (!nested || memberIs === 'username')
      return (await ask(memberFilter(memberAttributes, [member], filter))).map(toRef)
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
  return ref && { ...ref, name: entry.display(nameAttribute) ?? ref.name, dn: entry.dn }
}

function refOf(dn: string): { readonly key: string; readonly name: string } | undefined {
  const parsed = parseDn(dn)
  if (parsed === undefined || parsed.rdns.length === 0) return undefined
  return { key: parsed.rdns.join(','), name: parsed.leafValue }
}

const toRef = ({ key, name }: GroupRef): GroupRef => ({ key, ...(name !== undefined && { name }) })

function isBelow(key: string, base: string | undefined): boolean {
  const [group, above] = [parseDn(key), base === undefined ? undefined : parseDn(base)]
  return above === undefined || (group !== undefined && isAtOrBelow(group, above))
}
