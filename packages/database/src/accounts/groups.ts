import type { AccountStore, Clock, GroupRef } from '@lockkeeper/core'
import type { Knex } from 'knex'
import { UniqueViolationError } from '../connection/guarded.ts'
import type { Database } from '../database.ts'
import { insertId } from '../insert-id.ts'
import { cut, isStorable, toUtcText } from '../values.ts'
import { digest } from './account-rows.ts'

/** More groups than this in one login are not looked at: a directory must not fill our tables. */
const MOST_GROUPS = 1000
const CHUNK = 200
const MAX_KEY = 2048

/** Harbor's group types; a second instance of a mode, or a mode that Harbor does not have, is 0. */
const TYPES: ReadonlyMap<string, number> = new Map([
  ['ldap_auth', 1],
  ['http_auth', 2],
  ['oidc_auth', 3],
])
const LDAP = 1

/** A group as it is stored. */
export interface StoredGroup {
  readonly id: number
  /** The auth mode that names it. */
  readonly mode: string
  /** What that mode calls it: a distinguished name, a scope, the value of a claim. */
  readonly key: string
}

/** What an administrator sees of groups. */
export interface GroupAdministration {
  /** The groups that have these ids; those that were deleted are left out. */
  groupsById(ids: readonly number[]): Promise<readonly StoredGroup[]>
}

interface Wanted {
  readonly mode: string
  readonly key: string
  readonly name: string
  readonly digest: string
  readonly type: number
}

/**
 * Maps groups to ids. Harbor tells groups apart by name or distinguished name alone; here the mode belongs to the key,
 * so that `admins` of one provider are not `admins` of another. Groups that Harbor has already are taken over.
 */
export function groupReads(db: Database, clock: Clock): Pick<AccountStore, 'groupIds'> & GroupAdministration {
  return {
    async groupsById(ids) {
      const found: StoredGroup[] = []
      for (let start = 0; start < ids.length; start += CHUNK) {
        found.push(...(await storedGroups(db, ids.slice(start, start + CHUNK))).map(toStoredGroup))
      }
      return found
    },
    async groupIds(mode, groups) {
      const wanted = new Map(usable(mode, groups).map((group) => [group.digest, group]))
      const ids = await knownIds(db, [...wanted.keys()])
      for (const [key, group] of wanted) {
        if (!ids.has(key)) ids.set(key, (await harborsId(db, group)) ?? (await createGroup(db, clock, group)))
      }
      return [...new Set([...wanted.keys()].flatMap((key) => ids.get(key) ?? []))]
    },
  }
}

interface GroupRow {
  readonly id: number
  readonly group_name: string
  readonly group_type: number
  readonly ldap_group_dn: string | null
  readonly mode: string | null
  readonly group_key: string | null
}

const storedGroups = (db: Database, ids: readonly number[]): Promise<readonly GroupRow[]> =>
  db.query((knex) =>
    knex('user_group as g')
      .leftJoin('lockkeeper_group as l', 'l.group_id', 'g.id')
      .whereIn('g.id', [...ids])
      .orderBy('g.id')
      .select('g.id', 'g.group_name', 'g.group_type', 'g.ldap_group_dn', 'l.mode', 'l.group_key'),
  )

/** Of a group that Harbor made and that no login of ours named yet, Harbor's own columns tell. */
function toStoredGroup({ id, group_name, group_type, ldap_group_dn, mode, group_key }: GroupRow): StoredGroup {
  if (mode !== null && group_key !== null) return { id, mode, key: group_key }
  const [harbors = 'unknown'] = [...TYPES].find(([, type]) => type === group_type) ?? []
  return { id, mode: harbors, key: group_type === LDAP ? (ldap_group_dn ?? '') : group_name }
}

function usable(mode: string, groups: readonly GroupRef[]): readonly Wanted[] {
  const type = TYPES.get(mode) ?? 0
  return groups
    .slice(0, MOST_GROUPS)
    .filter(({ key }) => isStorable(key, MAX_KEY) && key.trim() !== '')
    .map((group) => {
      // Harbor keeps distinguished names so; others are told apart to the letter.
      const key = type === LDAP ? group.key.trim().toLowerCase() : group.key
      const name =
        group.name !== undefined && isStorable(group.name) && group.name.trim() !== '' ? group.name : group.key
      return { mode, key, name, type, digest: digest([mode, key]) }
    })
}

async function knownIds(db: Database, digests: readonly string[]): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (let start = 0; start < digests.length; start += CHUNK) {
    const rows: readonly { readonly digest: string; readonly group_id: number }[] = await db.query((knex) =>
      knex('lockkeeper_group as l')
        .join('user_group as g', 'g.id', 'l.group_id')
        .whereIn('l.digest', digests.slice(start, start + CHUNK))
        .select('l.digest', 'l.group_id'),
    )
    for (const row of rows) ids.set(row.digest, row.group_id)
  }
  return ids
}

/** A group that Harbor made. Ours are in the map already, so what is found here and is not there is Harbor's. */
async function harborsId(db: Database, group: Wanted): Promise<number | undefined> {
  const { type, key } = group
  if (type === 0 || !isStorable(key, type === LDAP ? 512 : 255)) return undefined
  const row: { readonly id: number } | undefined = await db.query((knex) =>
    knex('user_group as g')
      .where(type === LDAP ? { ldap_group_dn: key, group_type: type } : { group_name: key, group_type: type })
      .whereNotExists(knex('lockkeeper_group as l').select(knex.raw('1')).whereRaw('l.group_id = g.id'))
      .first('g.id'),
  )
  if (row) await db.query((knex) => remember(knex, group, row.id))
  return row?.id
}

/** A group that was deleted and made again has a new id, so what is remembered gives way. */
function remember(knex: Knex, { digest, mode, key }: Wanted, id: number) {
  return knex('lockkeeper_group')
    .insert({ digest, group_id: id, mode, group_key: key })
    .onConflict('digest')
    .merge(['group_id'])
}

/** Group names are unique over all modes, so a name that is taken is followed by the key, then by the key with its mode. */
async function createGroup(db: Database, clock: Clock, group: Wanted): Promise<number> {
  const now = toUtcText(clock.wallMs())
  const names = [group.name, group.key, `${cut(group.key, 80)} (${group.mode}) ${group.digest.slice(0, 12)}`]
  for (const name of new Set(names.map((name) => cut(name)))) {
    try {
      return await db.transaction(async (trx) => {
        const dn = group.type === LDAP ? cut(group.key, 512) : ''
        const times = { creation_time: now, update_time: now }
        const row = { group_name: name, group_type: group.type, ldap_group_dn: dn, ...times }
        const id = await insertId(trx, 'user_group', 'id', row)
        await remember(trx, group, id)
        return id
      })
    } catch (error) {
      if (!(error instanceof UniqueViolationError)) throw error
      const racing = (await knownIds(db, [group.digest])).get(group.digest)
      if (racing !== undefined) return racing
    }
  }
  throw new TypeError(`no free name for group ${JSON.stringify(group.key)} of ${group.mode}`)
}
