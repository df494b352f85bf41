import { type Clock, type HarborOidcStore, systemClock } from '@lockkeeper/core'
import type { Database } from '../database.ts'
import { type Leased, leaseRow, releaseRow } from '../lease.ts'
import { isId, isStorable, toUtcText } from '../values.ts'

interface Row {
  readonly id: number
  readonly username: string
  readonly subiss: string
  readonly secret: string
  readonly token: string | null
}

/** Reads the CLI secrets in Harbor's `oidc_user`, and keeps their tokens alive. Leases stand in a table of our own. */
export function sqlHarborOidc(db: Database, parts: { readonly clock?: Clock } = {}): HarborOidcStore {
  const clock = parts.clock ?? systemClock
  const leased = (accountId: number): Leased => ({ table: 'lockkeeper_oidc_lease', accountId })

  return {
    async find(username) {
      if (!isStorable(username)) return undefined
      const row: Row | undefined = await db.query((knex) =>
        knex('oidc_user as o')
          .join('harbor_user as u', 'u.user_id', 'o.user_id')
          .where({ 'u.username': username, 'u.deleted': false })
          .orderBy('o.id')
          .first({ id: 'u.user_id', username: 'u.username', subiss: 'o.subiss', secret: 'o.secret', token: 'o.token' }),
      )
      if (row === undefined) return undefined
      const { id: accountId, token, ...rest } = row
      return { accountId, ...rest, token: token ?? '' }
    },
    async lease(accountId, holder, leaseMs) {
      if (!isId(accountId)) return false
      await db.query((knex) =>
        knex('lockkeeper_oidc_lease').insert({ account_id: accountId }).onConflict('account_id').ignore(),
      )
      return leaseRow(db, leased(accountId), holder, leaseMs)
    },
    release: (accountId, holder) => releaseRow(db, leased(accountId), holder),
    async replaceToken(accountId, expected, next) {
      if (!isId(accountId)) return false
      const replaced = await db.query((knex) =>
        knex('oidc_user')
          .where({ user_id: accountId, token: expected })
          .update({ token: next, update_time: toUtcText(clock.wallMs()) }),
      )
      return replaced > 0
    },
  }
}
