import { type Clock, InvalidInputError, LOCAL_MODE, type PasswordStore, type StoredPassword } from '@lockkeeper/core'
import type { Knex } from 'knex'
import type { Database } from '../database.ts'
import { isStorable, toUtcText } from '../values.ts'
import { findRow } from './account-reads.ts'
import { type AccountRow, isLocal, joinAccounts, toRecord, toStored, toVersioned } from './account-rows.ts'

/** Before 2.3 Harbor stored these as they are for people of other modes. Later it stored hashes of them. */
const PLAIN_PLACEHOLDERS: ReadonlySet<string> = new Set(['12345678AbC', '1234567ab'])

/** Schemes that Harbor verifies. */
const HARBORS_SCHEMES: ReadonlySet<string> = new Set(['sha1', 'sha256', 'pbkdf2_sha256'])
const MOST_SCHEMES = 100

/** Local passwords on SQL. */
export function passwords(db: Database, clock: Clock): PasswordStore {
  return {
    async find(name) {
      const row = await findRow(db, name, 'username or email')
      return row && { account: toVersioned(row), stored: toStored(row), isExternal: isExternal(row) }
    },
    async replace(accountId, expected, next) {
      await refuseUnreadable(db, next)
      const changed = await db.query((knex) =>
        knex('harbor_user')
          .where({ user_id: accountId, deleted: false, password: expected.hash })
          .where((query) => same(query, 'salt', expected.salt))
          .where((query) => same(query, 'password_version', expected.scheme))
          .update(passwordColumns(next, clock)),
      )
      return changed === 1
    },
    async schemes() {
      const rows = await db.query((knex) => selectSchemes(knex))
      return rows.map(({ scheme, head }) => head || (scheme ?? ''))
    },
  }
}

/** How a password is stored. */
export const passwordColumns = ({ hash, salt, scheme }: StoredPassword, clock: Clock) => ({
  password: hash,
  salt,
  password_version: scheme,
  update_time: toUtcText(clock.wallMs()),
})

/**
 * Refuses a password that the database could not hold, or that the Harbor it belongs to could not verify.
 *
 * @throws {InvalidInputError}
 */
export async function refuseUnreadable(db: Database, { hash, salt, scheme }: StoredPassword): Promise<void> {
  if (!isStorable(hash) || !isStorable(salt) || !isStorable(scheme, 32)) {
    throw new InvalidInputError('a stored password is a hash and a salt of at most 255 characters, and a scheme of 32')
  }
  if (!(await db.isHarbors())) return
  if (HARBORS_SCHEMES.has(scheme) && hash.length <= 40 && salt.length <= 40) return
  throw new InvalidInputError(
    `the database is Harbor's, which cannot verify ${scheme || 'such'} passwords: in the options of db_auth set sharedWithHarbor, and harborVersion to the password_version that Harbor writes (sha1, sha256 or pbkdf2_sha256)`,
  )
}

const isExternal = (row: AccountRow): boolean =>
  toRecord(row).mode !== LOCAL_MODE || PLAIN_PLACEHOLDERS.has(row.password)

/** NULL and empty are one; see {@link toStored}. */
function same(query: Knex.QueryBuilder, column: string, value: string): void {
  query.where(column, value)
  if (value === '') query.orWhereNull(column)
}

/**
 * The schemes of local passwords. One of argon2id is told by the head of its PHC string, which holds its parameters:
 * what follows, a salt of 16 and a tag of 32 bytes, is 67 characters long.
 */
async function selectSchemes(knex: Knex): Promise<readonly SchemeRow[]> {
  const head = knex.raw(
    "case when u.password like '$argon2id$%' and length(u.password) > 67 then substr(u.password, 1, length(u.password) - 67) else '' end as head",
  )
  return await joinAccounts(knex)
    .distinct<readonly SchemeRow[]>({ scheme: 'u.password_version' }, head)
    .whereNot('u.password', '')
    .where(isLocal)
    .limit(MOST_SCHEMES)
}

interface SchemeRow {
  readonly scheme: string | null
  readonly head: string
}
