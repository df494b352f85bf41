import {
  type Clock,
  ConflictError,
  LAST_USED_LAG_MS,
  MAX_SECRETS_OF_ACCOUNT,
  type NamedSecret,
  type NamedSecretStore,
  NotFoundError,
  type StoredNamedSecret,
  systemClock,
} from '@lockkeeper/core'
import type { Knex } from 'knex'
import { UniqueViolationError } from '../connection/guarded.ts'
import type { Database } from '../database.ts'
import { nowAndThen, sweep } from '../sweeper.ts'
import { isId, isStorable } from '../values.ts'

const TABLE = 'lockkeeper_secret'
/** For so long it can be told that a secret was revoked or expired, rather than never made. */
const REMEMBER_MS = 30 * 86_400_000
const SHOWN = ['secret_id', 'account_id', 'name', 'created_at', 'expires_at', 'last_used_at', 'revoked_at']

interface ShownRow {
  readonly secret_id: string
  readonly account_id: number
  readonly name: string
  readonly created_at: number
  readonly expires_at: number | null
  readonly last_used_at: number | null
  readonly revoked_at: number | null
}

/** Keeps the digests of CLI secrets. Those that were revoked or expired are removed a month later. */
export function sqlNamedSecrets(db: Database, parts: { readonly clock?: Clock } = {}): NamedSecretStore {
  const clock = parts.clock ?? systemClock
  const tidy = nowAndThen(clock, () => {
    const before = clock.wallMs() - REMEMBER_MS
    const where = (query: Knex.QueryBuilder) => {
      query.where('revoked_at', '<', before).orWhere('expires_at', '<', before)
    }
    return sweep(db, { table: TABLE, key: 'secret_id', where })
  })

  return {
    async add(secret) {
      try {
        await db.transaction((trx) => insert(trx, secret))
      } catch (error) {
        if (!(error instanceof UniqueViolationError)) throw error
        const message = `there is a secret named ${secret.name} already; revoke it, or choose another name`
        throw new ConflictError(message, { cause: error })
      }
      tidy()
    },
    async find(id) {
      if (!isStorable(id, 32)) return undefined
      const row: (ShownRow & { readonly digest: string }) | undefined = await db.query((knex) =>
        knex(TABLE)
          .where('secret_id', id)
          .first(...SHOWN, 'digest'),
      )
      return row && { ...toSecret(row), digest: row.digest }
    },
    async list(accountId) {
      if (!isId(accountId)) return []
      const rows: readonly ShownRow[] = await db.query((knex) =>
        inUse(knex, accountId)
          .orderBy('created_at', 'desc')
          .orderBy('secret_id')
          .limit(1000)
          .select(...SHOWN),
      )
      return rows.map(toSecret)
    },
    async revoke(accountId, id, at) {
      if (!isId(accountId) || !isStorable(id, 32)) return false
      const revoked = await db.query((knex) =>
        inUse(knex, accountId).where('secret_id', id).update({ revoked_at: at, name_in_use: null }),
      )
      return revoked > 0
    },
    async touch(id, at) {
      if (!isStorable(id, 32)) return
      await db.query((knex) =>
        knex(TABLE)
          .where('secret_id', id)
          .where((used) => used.whereNull('last_used_at').orWhere('last_used_at', '<=', at - LAST_USED_LAG_MS))
          .update({ last_used_at: at }),
      )
    },
  }
}

const inUse = (knex: Knex, accountId: number) => knex(TABLE).where('account_id', accountId).whereNull('revoked_at')

async function insert(trx: Knex, secret: StoredNamedSecret): Promise<void> {
  const { id, accountId, name, digest, createdAt, expiresAt, lastUsedAt, revokedAt } = secret
  // Locks the owner's row, so that two who count do not both find room for the last one.
  const owner: unknown = isId(accountId)
    ? await trx('harbor_user').where({ user_id: accountId, deleted: false }).forUpdate().first('user_id')
    : undefined
  if (owner === undefined) throw new NotFoundError(`there is no account with id ${accountId}`)
  const ids: readonly unknown[] = await inUse(trx, accountId).limit(MAX_SECRETS_OF_ACCOUNT).pluck('secret_id')
  if (ids.length >= MAX_SECRETS_OF_ACCOUNT) {
    throw new ConflictError(`one account has at most ${MAX_SECRETS_OF_ACCOUNT} secrets; revoke one`)
  }
  await trx(TABLE).insert({
    secret_id: id,
    account_id: accountId,
    name,
    name_in_use: revokedAt === undefined ? name : null,
    digest,
    created_at: createdAt,
    expires_at: expiresAt ?? null,
    last_used_at: lastUsedAt ?? null,
    revoked_at: revokedAt ?? null,
  })
}

const toSecret = (row: ShownRow): NamedSecret => ({
  id: row.secret_id,
  accountId: row.account_id,
  name: row.name,
  createdAt: row.created_at,
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
})
