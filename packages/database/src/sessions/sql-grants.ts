import { randomUUID } from 'node:crypto'
import type { Grant, GrantRecord, GrantStore, SealedPlace, StoredGrant, TokenCipher } from '@lockkeeper/core'
import type { Database } from '../database.ts'
import { leaseRow, releaseRow } from '../lease.ts'
import { isId } from '../values.ts'

const TABLE = 'lockkeeper_grant'

/** What {@link sqlGrants} needs. */
export interface SqlGrantsParts {
  /** Such as `tokenCipher` of `@lockkeeper/oidc`; there is no form without one. */
  readonly cipher: TokenCipher
}

/**
 * Keeps grants, each sealed whole and for its account: tokens, who the provider said it is, and when. What was changed in
 * the database, or moved to another row, does not open.
 */
export function sqlGrants(db: Database, { cipher }: SqlGrantsParts): GrantStore {
  const columns = (accountId: number, record: GrantRecord) => ({
    version: randomUUID(),
    sealed: cipher.seal(toJson(record), placeOf(accountId)),
  })
  const row = (accountId: number) => ({ table: TABLE, accountId }) as const

  return {
    async read(accountId) {
      if (!isId(accountId)) return undefined
      const found: { readonly version: string; readonly sealed: string } | undefined = await db.query((knex) =>
        knex(TABLE).where('account_id', accountId).first('version', 'sealed'),
      )
      if (found === undefined) return undefined
      return fromJson(cipher.open(found.sealed, placeOf(accountId)), found.version)
    },
    async put(accountId, record) {
      if (!isId(accountId)) throw new TypeError(`${accountId} is no account`)
      const free = { holder: '', lease_ends_at: 0 }
      await db.query((knex) =>
        knex(TABLE)
          .insert({ account_id: accountId, ...columns(accountId, record), ...free })
          .onConflict('account_id')
          .merge(['version', 'sealed', 'holder', 'lease_ends_at']),
      )
    },
    async replace(accountId, version, record) {
      if (!isId(accountId)) return false
      const replaced = await db.query((knex) =>
        knex(TABLE).where({ account_id: accountId, version }).update(columns(accountId, record)),
      )
      return replaced > 0
    },
    async remove(accountId, version) {
      if (!isId(accountId)) return false
      const row = { account_id: accountId, ...(version !== undefined && { version }) }
      return (await db.query((knex) => knex(TABLE).where(row).delete())) > 0
    },
    lease: (accountId, holder, leaseMs) => leaseRow(db, row(accountId), holder, leaseMs),
    release: (accountId, holder) => releaseRow(db, row(accountId), holder),
  }
}

const placeOf = (accountId: number): SealedPlace => ({ table: TABLE, column: 'sealed', account: String(accountId) })

/** The instant is the one thing that JSON does not keep as it is. */
type Kept = GrantRecord & { readonly grant: Omit<Grant, 'expiresAt'> & { readonly expiresAt?: string } }

const toJson = ({ grant, identity, checkedAt }: GrantRecord): string => JSON.stringify({ grant, identity, checkedAt })

/** What opens was sealed here, so its shape is known. */
function fromJson(json: string, version: string): StoredGrant {
  const { grant, identity, checkedAt } = JSON.parse(json) as Kept
  const { expiresAt, ...rest } = grant
  return {
    grant: { ...rest, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }) },
    identity,
    checkedAt,
    version,
  }
}
