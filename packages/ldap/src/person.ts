import { canonicalName, type RejectReason } from '@lockkeeper/core'
import { normaliseDn } from './dn.ts'
import type { DirectoryEntry, Value } from './entry.ts'
import type { LdapAuthSettings } from './options.ts'

/** Whom an entry describes. */
export interface Person {
  /** As the directory wrote it: what a bind needs. */
  readonly dn: string
  /** The stable id; the normal form of the DN where the entry has none. */
  readonly id: string
  readonly username: string
  readonly email?: string
  readonly displayName?: string
  /** Distinguished names of groups, as the directory wrote them. */
  readonly memberOf: readonly string[]
}

/** An entry that cannot be somebody. */
export interface Unusable {
  readonly id: string
  readonly reason: RejectReason
  /** For the operator. */
  readonly why: string
}

type PersonSettings = Pick<LdapAuthSettings, 'usernameAttribute' | 'attributes'>

/**
 * Attributes that never change for an entry. nsUniqueId goes before entryUUID: a 389 Directory Server can be given the
 * latter at any time, and everybody would become somebody else.
 */
const STABLE_IDS = ['objectGUID', 'nsUniqueId', 'entryUUID']

/** Values to be kept as bytes: read as text, some would lose a few. Both spellings, since the directory chooses. */
export const bufferAttributes = ({ attributes }: PersonSettings): string[] =>
  [...STABLE_IDS, attributes.id].flatMap((name) => [name, name.toLowerCase()])

/** What to ask of a person's entry. */
export function personAttributes({ usernameAttribute, attributes }: PersonSettings): string[] {
  const { id, email, displayName, memberOf } = attributes
  return [...new Set([usernameAttribute, ...(id === 'auto' ? STABLE_IDS : [id]), email, displayName, 'cn', memberOf])]
}

/**
 * Reads the entry that was found for a name. The user name is one value that equals what was searched: directories
 * equate more than we do, letters with and without accents for instance, and what they equate may be somebody else here.
 */
export function readPerson(entry: DirectoryEntry, canonical: string, settings: PersonSettings): Person | Unusable {
  const { usernameAttribute, attributes } = settings
  const id = readId(entry, attributes.id)
  const usernames = entry.values(usernameAttribute)
  const [username] = usernames
  if (id === undefined) return { id: `unusable ${canonical}`, reason: 'not_allowed', why: 'has no usable id' }
  if (usernames.length > 1) return { id, reason: 'ambiguous', why: `has ${usernames.length} ${usernameAttribute}` }
  if (typeof username !== 'string' || canonicalName(username) !== canonical) {
    return { id, reason: 'not_allowed', why: `has another ${usernameAttribute} than the name that found it` }
  }
  const email = entry.display(attributes.email)
  const displayName = entry.display(attributes.displayName) ?? entry.display('cn')
  return {
    dn: entry.dn,
    id,
    username,
    ...(email !== undefined && { email }),
    ...(displayName !== undefined && { displayName }),
    memberOf: entry.texts(attributes.memberOf),
  }
}

/** Whether an entry could be read as somebody. */
export const isPerson = (result: Person | Unusable): result is Person => 'username' in result

function readId(entry: DirectoryEntry, wanted: string): string | undefined {
  if (wanted !== 'auto') return stable(wanted, entry.values(wanted))
  const present = STABLE_IDS.find((name) => entry.values(name).length > 0)
  return present === undefined ? normaliseDn(entry.dn) : stable(present, entry.values(present))
}

function stable(attribute: string, values: readonly Value[]): string | undefined {
  const [value, ...more] = values
  if (value === undefined || value.length === 0 || more.length > 0) return undefined
  const bytes = Buffer.from(value)
  if (attribute.toLowerCase() === 'objectguid') return bytes.length === 16 ? bytes.toString('hex') : undefined
  const text = bytes.toString()
  const isText = bytes.equals(Buffer.from(text)) && /^[\x20-\x7e]{1,255}$/.test(text)
  return isText ? text.toLowerCase() : bytes.subarray(0, 128).toString('hex')
}
