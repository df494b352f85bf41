import { createHash } from 'node:crypto'
import { type AccountRecord, type IdentityLink, LOCAL_MODE, type StoredPassword } from '@lockkeeper/core'
import type { Knex } from 'knex'
import { isTrue } from '../values.ts'

/** The super user of a Harbor deployment and of ours. */
export const SUPER_USER_ID = 1

/** One account with everything that is kept about it. */
export interface AccountRow {
  readonly id: number
  readonly username: string
  readonly email: string | null
  readonly realname: string
  readonly comment: string | null
  readonly is_admin: unknown
  readonly password: string
  readonly salt: string | null
  readonly scheme: string | null
  readonly disabled: unknown
  readonly link_mode: string | null
  readonly link_digest: string | null
  /** There is a row for this account in Harbor's `oidc_user`. */
  readonly is_oidc: unknown
}

const COLUMNS = {
  id: 'u.user_id',
  username: 'u.username',
  email: 'u.email',
  realname: 'u.realname',
  comment: 'u.comment',
  is_admin: 'u.sysadmin_flag',
  password: 'u.password',
  salt: 'u.salt',
  scheme: 'u.password_version',
  disabled: 'a.disabled',
  link_mode: 'a.mode',
  link_digest: 'a.link_digest',
}

/** The accounts that are not deleted: `u` is `harbor_user`, `a` is `lockkeeper_account`. */
export function joinAccounts(knex: Knex): Knex.QueryBuilder {
  return knex('harbor_user as u')
    .leftJoin('lockkeeper_account as a', 'a.account_id', 'u.user_id')
    .where('u.deleted', false)
}

/** Everything that is kept about them, still to be narrowed. */
export function selectAccounts(knex: Knex): Knex.QueryBuilder<AccountRow, AccountRow[]> {
  return joinAccounts(knex)
    .select(COLUMNS)
    .select(knex.raw('exists (select 1 from oidc_user o where o.user_id = u.user_id) as is_oidc'))
}

/** What Harbor writes into `comment` when it on-boards somebody, and the mode of ours that this is. */
const MODE_BY_COMMENT: ReadonlyMap<string, string> = new Map([
  ['from LDAP.', 'ldap_auth'],
  ['From UAA', 'uaa_auth'],
  ['By Authproxy', 'http_auth'],
  ['Onboarded via OIDC provider', 'oidc_auth'],
])

/** The comment of an account that a mode brings in; a mode that Harbor does not have leaves none. */
export const commentOf = (mode: string): string | null =>
  [...MODE_BY_COMMENT].find(([, known]) => known === baseMode(mode))?.[0] ?? null

/** `ldap_auth` for `ldap_auth/emea`. */
export const baseMode = (mode: string): string => mode.split('/', 1)[0] ?? mode

/** The mode that Harbor's columns name. The super user is always local: people may edit their own comment. */
export function harborMode(row: AccountRow): string | undefined {
  if (row.id === SUPER_USER_ID) return undefined
  return isTrue(row.is_oidc) ? 'oidc_auth' : MODE_BY_COMMENT.get(row.comment ?? '')
}

/** The same as a condition: nobody else's account, as far as columns tell. */
export function isLocal(query: Knex.QueryBuilder): void {
  query.whereNull('a.link_digest').where((unmarked) => {
    unmarked.where('u.user_id', SUPER_USER_ID).orWhere((mark) => {
      mark
        .whereRaw('not exists (select 1 from oidc_user o where o.user_id = u.user_id)')
        .where((comment) => comment.whereNull('u.comment').orWhereNotIn('u.comment', [...MODE_BY_COMMENT.keys()]))
    })
  })
}

/** The record with its version: a digest of all that decides whether and as what somebody gets in. */
export function toVersioned(row: AccountRow): AccountRecord & { readonly version: string } {
  const { hash, salt, scheme } = toStored(row)
  const flags = [isTrue(row.is_admin), isTrue(row.disabled), isTrue(row.is_oidc)]
  return { ...toRecord(row), version: digest([row.id, hash, salt, scheme, ...flags, row.link_digest]) }
}

export function toRecord(row: AccountRow): AccountRecord {
  return {
    id: row.id,
    username: row.username,
    ...(row.email !== null && row.email !== '' && { email: row.email }),
    ...(row.realname !== '' && { displayName: row.realname }),
    isAdmin: isTrue(row.is_admin),
    disabled: isTrue(row.disabled),
    mode: row.link_mode ?? harborMode(row) ?? LOCAL_MODE,
  }
}

/** NULL and empty are one: the row does not say. */
export const toStored = ({ password, salt, scheme }: AccountRow): StoredPassword => ({
  hash: password,
  salt: salt ?? '',
  scheme: scheme ?? '',
})

/** Nobody logs in with this. */
export const NO_PASSWORD: StoredPassword = Object.freeze({ hash: '', salt: '', scheme: '' })

/** The key of a link. JSON keeps (a, bc) and (ab, c) apart. */
export const linkDigest = ({ issuer, subject }: Omit<IdentityLink, 'mode'>): string => digest([issuer, subject])

export const digest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')
