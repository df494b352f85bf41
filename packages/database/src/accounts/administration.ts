import {
  type AccountAdministration,
  type AccountRecord,
  type Clock,
  ConflictError,
  canonicalName,
  InvalidInputError,
  type NewPerson,
  NotFoundError,
} from '@lockkeeper/core'
import type { Knex } from 'knex'
import { UniqueViolationError } from '../connection/guarded.ts'
import type { Database } from '../database.ts'
import { insertId } from '../insert-id.ts'
import { cut, isId, isStorable, toUtcText } from '../values.ts'
import { findRow } from './account-reads.ts'
import { type AccountRow, NO_PASSWORD, SUPER_USER_ID, selectAccounts, toRecord } from './account-rows.ts'
import { canonicalColumns, isUsableLink, linkColumns, usableEmail } from './onboarding.ts'
import { passwordColumns, refuseUnreadable } from './passwords.ts'

/**
 * Harbor's rule for names: a comma ends a field in its policies, `$` marks robots, `#` the deleted. The colon is ours: in
 * `Authorization: Basic` it ends the name (RFC 7617 section 2), so its owner could never log in.
 */
const REFUSED_CHARACTERS = /[,"~#%$:]/
const MOST_LISTED = 1000

/** Tables of ours that hold rows of one account. */
const KEPT_OF_AN_ACCOUNT = [
  'lockkeeper_session',
  'lockkeeper_secret',
  'lockkeeper_grant',
  'lockkeeper_oidc_lease',
  'lockkeeper_account',
]

/** What the `user` commands do, on SQL. */
export function administration(db: Database, clock: Clock): AccountAdministration {
  const now = () => toUtcText(clock.wallMs())

  return {
    async list({ after = 0, limit = 100 } = {}) {
      const most = Math.min(Math.max(Math.trunc(limit), 1), MOST_LISTED)
      const rows: readonly AccountRow[] = await db.query((knex) =>
        selectAccounts(knex).where('u.user_id', '>', after).orderBy('u.user_id').limit(most),
      )
      return rows.map(toRecord)
    },
    async add(person) {
      checkPerson(person)
      const password = person.password ?? NO_PASSWORD
      if (person.password) await refuseUnreadable(db, password)
      try {
        return await insert(db, { ...person, password }, clock)
      } catch (error) {
        throw error instanceof UniqueViolationError ? await whatIsTaken(db, person, error) : error
      }
    },
    async remove(id) {
      if (id === SUPER_USER_ID) throw new InvalidInputError('the super user cannot be removed; disable it instead')
      await db.transaction(async (trx) => {
        const { username, email } = await required(trx, id)
        const freed = { username: withId(username, id), email: email === null ? null : withId(email, id) }
        await trx('harbor_user')
          .where('user_id', id)
          .update({ ...freed, deleted: true, update_time: now() })
        await trx('project_member').where({ entity_type: 'u', entity_id: id }).delete()
        await trx('oidc_user').where('user_id', id).delete()
        for (const table of KEPT_OF_AN_ACCOUNT) await trx(table).where('account_id', id).delete()
      })
    },
    async setDisabled(id, disabled) {
      await db.transaction(async (trx) => {
        await required(trx, id)
        await trx('lockkeeper_account')
          .insert({ account_id: id, disabled })
          .onConflict('account_id')
          .merge(['disabled'])
      })
    },
    async setAdmin(id, isAdmin) {
      await update(db, id, { sysadmin_flag: isAdmin, update_time: now() })
    },
    async setPassword(id, stored) {
      await refuseUnreadable(db, stored)
      await update(db, id, passwordColumns(stored, clock))
    },
    async link(id, link) {
      if (id === SUPER_USER_ID)
        throw new InvalidInputError('the super user logs in with a local password; link another')
      if (!isUsableLink(link)) throw new InvalidInputError('a link is an issuer and a subject of 1 to 2048 characters')
      const columns = linkColumns(link)
      try {
        await db.transaction(async (trx) => {
          await required(trx, id)
          const merged = trx('lockkeeper_account')
            .insert({ account_id: id, ...columns })
            .onConflict('account_id')
          await merged.merge(Object.keys(columns) as (keyof typeof columns)[])
        })
      } catch (error) {
        if (!(error instanceof UniqueViolationError)) throw error
        throw new ConflictError('another account has this link: remove that account, or link it to somebody else')
      }
    },
  }
}

function checkPerson({ username, email, displayName }: NewPerson): void {
  if (!isStorable(username) || canonicalName(username) === undefined || REFUSED_CHARACTERS.test(username)) {
    throw new InvalidInputError(
      'a user name is 1 to 255 visible characters without surrounding spaces, and none of , " ~ # % $ :',
    )
  }
  if (email !== undefined && (!isStorable(email) || !/^[^\s@]+@[^\s@]+$/.test(email))) {
    throw new InvalidInputError('an e-mail address looks like name@host and has at most 255 characters')
  }
  if (displayName !== undefined && !isStorable(displayName)) {
    throw new InvalidInputError('a display name has at most 255 characters')
  }
}

async function insert(db: Database, person: Required<Pick<NewPerson, 'password'>> & NewPerson, clock: Clock) {
  const { username, displayName, isAdmin = false, password } = person
  const email = usableEmail(person.email)
  const isHarbors = await db.isHarbors()
  return await db.transaction(async (trx): Promise<AccountRecord> => {
    const id = await insertId(trx, 'harbor_user', 'user_id', {
      username,
      email: email ?? null,
      realname: cut(displayName || username),
      sysadmin_flag: isAdmin,
      creation_time: toUtcText(clock.wallMs()),
      ...passwordColumns(password, clock),
    })
    if (!isHarbors) await trx('lockkeeper_account').insert({ account_id: id, ...canonicalColumns(username, email) })
    return toRecord(await required(trx, id))
  })
}

async function whatIsTaken(db: Database, { username, email }: NewPerson, cause: Error): Promise<ConflictError> {
  const owner = await findRow(db, { typed: username, canonical: canonicalName(username) ?? username }, 'username')
  if (!owner) return new ConflictError(`the e-mail address ${email} is taken`, { cause })
  const spelling = owner.username === username ? '' : ` by ${owner.username}, which is the same name in other spelling`
  return new ConflictError(`the user name ${username} is taken${spelling}`, { cause })
}

async function update(db: Database, id: number, columns: object): Promise<void> {
  const changed = isId(id)
    ? await db.query((knex) => knex('harbor_user').where({ user_id: id, deleted: false }).update(columns))
    : 0
  if (changed === 0) throw missing(id)
}

async function required(trx: Knex, id: number): Promise<AccountRow> {
  const row: AccountRow | undefined = isId(id) ? await selectAccounts(trx).where('u.user_id', id).first() : undefined
  if (!row) throw missing(id)
  return row
}

const missing = (id: number) => new NotFoundError(`there is no account with id ${id}`)

/** How Harbor renames what is deleted, so that the name can be used again; cut so that the id always fits. */
export function withId(text: string, id: number): string {
  const suffix = `#${id}`
  return cut(text, 255 - suffix.length) + suffix
}
