import type { AccountStore, IdentityLink, LoginName } from '@lockkeeper/core'
import type { Database } from '../database.ts'
import { isId, isStorable } from '../values.ts'
import { type AccountRow, baseMode, linkDigest, selectAccounts, toVersioned } from './account-rows.ts'

type AccountReads = Pick<AccountStore, 'findById' | 'findByName' | 'findByLink' | 'version'>

/** The half of the account store that changes nothing. */
export function accountReads(db: Database): AccountReads {
  const byId = (id: number): Promise<AccountRow | undefined> => {
    return isId(id) ? db.query((knex) => selectAccounts(knex).where('u.user_id', id).first()) : absent
  }
  return {
    async findById(id) {
      const row = await byId(id)
      return row && toVersioned(row)
    },
    async findByName(name) {
      const row = await findRow(db, name, 'username')
      return row && toVersioned(row)
    },
    async findByLink(link) {
      const row = (await findByOwnLink(db, link)) ?? (await findByHarborsLink(db, link))
      return row && toVersioned(row)
    },
    async version(id) {
      const row = await byId(id)
      return row && toVersioned(row).version
    },
  }
}

const absent = Promise.resolve(undefined)

/**
 * Finds the one row a name means: the exact user name, else the only one of that canonical form, else (where asked for)
 * the same for the e-mail address. One statement, so that time does not tell which of these it was.
 */
export async function findRow(
  db: Database,
  { typed, canonical }: LoginName,
  by: 'username' | 'username or email',
): Promise<AccountRow | undefined> {
  if (!isStorable(typed) || !isStorable(canonical)) return undefined
  return await db.query((knex) => {
    const users = (column: string, priority: number) =>
      knex('harbor_user')
        .select({ id: 'user_id' }, knex.raw('? + 0 as priority', [priority]))
        .where(column, typed)
    const ours = (column: string, priority: number) =>
      knex('lockkeeper_account')
        .select({ id: 'account_id' }, knex.raw('? + 0 as priority', [priority]))
        .where(column, canonical)
    const names = [users('username', 1), ours('canonical_name', 2)]
    const emails = by === 'username' ? [] : [users('email', 3), ours('canonical_email', 4)]
    const hits = knex.unionAll([...names, ...emails]).as('hit')
    return selectAccounts(knex).join(hits, 'hit.id', 'u.user_id').orderBy('hit.priority').first()
  })
}

function findByOwnLink(db: Database, link: IdentityLink): Promise<AccountRow | undefined> {
  return db.query((knex) => selectAccounts(knex).where('a.link_digest', linkDigest(link)).first())
}

/** Harbor keeps links for OIDC alone: the subject, immediately followed by the issuer. A link of ours outranks it. */
async function findByHarborsLink(
  db: Database,
  { mode, issuer, subject }: IdentityLink,
): Promise<AccountRow | undefined> {
  if (baseMode(mode) !== 'oidc_auth' || !isStorable(subject + issuer)) return undefined
  return await db.query((knex) =>
    selectAccounts(knex)
      .join('oidc_user as h', 'h.user_id', 'u.user_id')
      .where('h.subiss', subject + issuer)
      .whereNull('a.link_digest')
      .first(),
  )
}
