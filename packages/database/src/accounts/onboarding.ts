import {
  type AccountRecord,
  type AccountStore,
  type Clock,
  canonicalName,
  type Identity,
  type IdentityLink,
} from '@lockkeeper/core'
import type { Knex } from 'knex'
import { UniqueViolationError } from '../connection/guarded.ts'
import type { Database } from '../database.ts'
import { insertId } from '../insert-id.ts'
import { cut, isStorable, isTrue, toUtcText } from '../values.ts'
import { accountReads } from './account-reads.ts'
import {
  baseMode,
  commentOf,
  harborMode,
  linkDigest,
  NO_PASSWORD,
  SUPER_USER_ID,
  selectAccounts,
  toVersioned,
} from './account-rows.ts'

/**
 * Creates and links accounts. Nothing is looked up first: what a racing login or a taken name means is read from the
 * database's refusal.
 */
export function onboarding(db: Database, clock: Clock): Pick<AccountStore, 'onboard'> {
  const { findByLink } = accountReads(db)

  return {
    async onboard(identity) {
      // Harbor writes names so: a comma would end a field in its policies.
      const username = identity.username.replaceAll(',', '_')
      if (canonicalName(username) === undefined || !isStorable(username) || !isUsableLink(identity)) return undefined
      const email = usableEmail(identity.email)
      for (const address of email === undefined ? [undefined] : [email, undefined]) {
        try {
          return await create(db, clock, { identity, username, email: address })
        } catch (error) {
          if (!(error instanceof UniqueViolationError)) throw error
          const known = (await findByLink(identity)) ?? (await adoptOrFind(identity))
          if (known) return known
        }
      }
      return undefined
    },
  }

  async function adoptOrFind(identity: Identity): Promise<AccountRecord | undefined> {
    try {
      return await adopt(db, identity)
    } catch (error) {
      if (!(error instanceof UniqueViolationError)) throw error
      return await findByLink(identity)
    }
  }
}

/** An address that can be kept; `undefined` for none. Never the empty text, of which a column could hold only one. */
export const usableEmail = (email: string | undefined): string | undefined =>
  email !== undefined && email !== '' && isStorable(email) ? email : undefined

const MAX_LINK_PART = 2048

/** Whether a link can be stored as it is. */
export const isUsableLink = ({ issuer, subject }: Omit<IdentityLink, 'mode'>): boolean =>
  isStorable(issuer, MAX_LINK_PART) && isStorable(subject, MAX_LINK_PART) && issuer !== '' && subject !== ''

/** How a link is stored. */
export const linkColumns = ({ mode, issuer, subject }: IdentityLink) => ({
  mode,
  issuer,
  subject,
  link_digest: linkDigest({ issuer, subject }),
})

interface Newcomer {
  readonly identity: Identity
  readonly username: string
  readonly email: string | undefined
}

async function create(db: Database, clock: Clock, newcomer: Newcomer): Promise<AccountRecord> {
  const { identity, username, email } = newcomer
  const isHarbors = await db.isHarbors()
  const now = toUtcText(clock.wallMs())
  const row = {
    username,
    email: email ?? null,
    realname: cut(identity.displayName || username),
    comment: commentOf(identity.mode),
    password: NO_PASSWORD.hash,
    salt: NO_PASSWORD.salt,
    password_version: NO_PASSWORD.scheme,
    creation_time: now,
    update_time: now,
  }
  return await db.transaction(async (trx) => {
    await forgetDeleted(trx, identity)
    const id = await insertId(trx, 'harbor_user', 'user_id', row)
    const canonicals = isHarbors ? {} : canonicalColumns(username, email)
    await trx('lockkeeper_account').insert({ account_id: id, ...linkColumns(identity), ...canonicals })
    return toVersioned(await existing(trx, id))
  })
}

/** The spellings that look-ups fold to; only for a database of our own. */
export const canonicalColumns = (username: string, email: string | undefined) => ({
  canonical_name: canonicalName(username) ?? null,
  canonical_email: email === undefined ? null : (canonicalName(email) ?? null),
})

/** Harbor deletes accounts without telling us; whoever comes back gets a new one. */
async function forgetDeleted(trx: Knex, link: IdentityLink): Promise<void> {
  await trx('lockkeeper_account')
    .where('link_digest', linkDigest(link))
    .whereNotExists(
      trx('harbor_user as u')
        .select(trx.raw('1'))
        .whereRaw('u.user_id = lockkeeper_account.account_id')
        .where('u.deleted', false),
    )
    .delete()
}

/**
 * Adopts an account that Harbor on-boarded for the same mode: Harbor stored no subject, so the exact user name has to
 * do, once. Never the super user, and never an account that is linked already.
 */
async function adopt(db: Database, identity: Identity): Promise<AccountRecord | undefined> {
  return await db.transaction(async (trx) => {
    const row = await selectAccounts(trx).where('u.username', identity.username).first()
    if (!row || row.id === SUPER_USER_ID || row.link_digest !== null || isTrue(row.is_oidc)) return undefined
    if (harborMode(row) !== baseMode(identity.mode)) return undefined
    const own = trx('lockkeeper_account').where('account_id', row.id)
    const updated = await own.clone().whereNull('link_digest').update(linkColumns(identity))
    if (updated === 0) await trx('lockkeeper_account').insert({ account_id: row.id, ...linkColumns(identity) })
    return toVersioned(await existing(trx, row.id))
  })
}

async function existing(trx: Knex, id: number) {
  const row = await selectAccounts(trx).where('u.user_id', id).first()
  if (!row) throw new TypeError(`account ${id} is not there right after it was written`)
  return row
}
