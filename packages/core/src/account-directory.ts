import type { Account, AccountDirectory, AccountRecord, AccountStore, Admission } from './accounts.ts'
import type { Identity } from './authenticator.ts'

/** The mode, and the issuer, of people who have a local password; the subject is then the account's id. */
export const LOCAL_MODE = 'db_auth'

/** Who a local account is; it has no groups but those that are given to it here. */
export const localIdentity = ({ id, username, email, displayName }: AccountRecord): Identity => ({
  mode: LOCAL_MODE,
  issuer: LOCAL_MODE,
  subject: String(id),
  username,
  ...(email !== undefined && { email }),
  ...(displayName !== undefined && { displayName }),
  groups: [],
})

/**
 * Admits identities by (issuer, subject): finds the linked account, or creates it on first login. Never links by user
 * name or e-mail address; a name that is taken is refused as `name_conflict`. An account that is no longer the one that
 * a password was verified against is refused as `account_changed`.
 *
 * @param options.onboarding `automatic` (default) creates accounts at first login; `refused` admits known people only.
 */
export function createAccountDirectory(
  store: AccountStore,
  options: { readonly onboarding?: 'automatic' | 'refused' } = {},
): AccountDirectory {
  return {
    version: (id) => store.version(id),
    async admit(identity): Promise<Admission> {
      const known = await find(store, identity)
      if (known === undefined && (isLocal(identity) || options.onboarding === 'refused')) {
        return { outcome: 'refused', reason: 'not_allowed' }
      }
      const record = known ?? (await store.onboard(identity))
      if (record === undefined) return { outcome: 'refused', reason: 'name_conflict' }
      if (record.disabled) return { outcome: 'refused', reason: 'disabled' }
      if (identity.version !== undefined && identity.version !== record.version) {
        return { outcome: 'refused', reason: 'account_changed' }
      }
      if (!isLocal(identity) && hasNews(record, identity)) await store.updateProfile(record.id, identity)
      const groupIds = identity.groups.length === 0 ? [] : await store.groupIds(identity.mode, identity.groups)
      return { outcome: 'admitted', account: toAccount(record, identity, groupIds) }
    },
  }
}

const isLocal = (identity: Identity): boolean => identity.mode === LOCAL_MODE && identity.issuer === LOCAL_MODE

async function find(store: AccountStore, identity: Identity): Promise<AccountRecord | undefined> {
  if (!isLocal(identity)) return store.findByLink(identity)
  // Number() also reads '0x1' and '1e0' as the first account.
  return /^[1-9]\d{0,14}$/.test(identity.subject) ? store.findById(Number(identity.subject)) : undefined
}

const hasNews = (record: AccountRecord, identity: Identity): boolean =>
  (identity.email !== undefined && identity.email !== record.email) ||
  (identity.displayName !== undefined && identity.displayName !== record.displayName)

function toAccount(record: AccountRecord, identity: Identity, groupIds: readonly number[]): Account {
  return {
    id: record.id,
    username: record.username,
    ...(record.email !== undefined && { email: record.email }),
    ...(record.displayName !== undefined && { displayName: record.displayName }),
    isAdmin: record.isAdmin || identity.isAdmin === true,
    groupIds,
    mode: identity.mode,
    ...(record.version !== undefined && { version: record.version }),
  }
}
