import { createHash } from 'node:crypto'
import { LOCAL_MODE } from './account-directory.ts'
import type {
  AccountAdministration,
  AccountRecord,
  AccountStore,
  IdentityLink,
  NewPerson,
  PasswordRow,
  PasswordStore,
  StoredPassword,
} from './accounts.ts'
import type { GroupRef, Identity, LoginName } from './authenticator.ts'
import { BackendUnavailableError, ConflictError, InvalidInputError, NotFoundError } from './errors.ts'
import { canonicalName } from './names.ts'

/** Bounds of {@link memoryAccounts}. */
export interface MemoryAccountsOptions {
  /** The most accounts, and the most links, it holds; 10 000 by default. */
  readonly maxAccounts?: number
  /** The most groups it holds; 10 000 by default. */
  readonly maxGroups?: number
}

/** Every store of accounts in one object. */
export type MemoryAccounts = AccountStore & AccountAdministration & PasswordStore

/**
 * Keeps accounts, links, groups and password rows in memory, for tests and small programs; they end with the process.
 * No two accounts share a canonical user name or e-mail address.
 *
 * @returns Stores that throw {@link BackendUnavailableError} instead of growing beyond a bound.
 */
export const memoryAccounts = (options: MemoryAccountsOptions = {}): MemoryAccounts => new AccountsInMemory(options)

interface Entry {
  readonly record: AccountRecord
  readonly stored: StoredPassword
}

const NO_PASSWORD: StoredPassword = Object.freeze({ hash: '', salt: '', scheme: '' })

class AccountsInMemory implements AccountStore, AccountAdministration, PasswordStore {
  readonly #maxAccounts: number
  readonly #maxGroups: number
  readonly #entries = new Map<number, Entry>()
  readonly #idsByName = new Map<string, number>()
  readonly #idsByEmail = new Map<string, number>()
  readonly #idsByLink = new Map<string, number>()
  readonly #groupIds = new Map<string, number>()
  #lastId = 0

  constructor({ maxAccounts = 10_000, maxGroups = 10_000 }: MemoryAccountsOptions) {
    this.#maxAccounts = maxAccounts
    this.#maxGroups = maxGroups
  }

  async findById(id: number): Promise<AccountRecord | undefined> {
    return this.#entries.get(id)?.record
  }

  async findByName({ canonical }: LoginName): Promise<AccountRecord | undefined> {
    return this.#find(this.#idsByName, canonical)?.record
  }

  async findByLink(link: IdentityLink): Promise<AccountRecord | undefined> {
    return this.#find(this.#idsByLink, linkKey(link))?.record
  }

  async onboard(identity: Identity): Promise<AccountRecord | undefined> {
    const linked = this.#find(this.#idsByLink, linkKey(identity))
    if (linked) return linked.record
    const { mode, username, email, displayName } = identity
    const canonical = canonicalName(username)
    if (canonical === undefined || this.#idsByName.has(canonical)) return undefined
    refuseBeyond(this.#maxAccounts, this.#idsByLink.size, 'links', 'maxAccounts')
    const profile = {
      ...(email !== undefined && this.#isFreeEmail(email) && { email }),
      ...(displayName !== undefined && { displayName }),
    }
    const record = this.#insert({ username, ...profile, isAdmin: false, mode }, NO_PASSWORD)
    this.#idsByLink.set(linkKey(identity), record.id)
    return record
  }

  async updateProfile(id: number, profile: { readonly email?: string; readonly displayName?: string }): Promise<void> {
    const { record } = this.#existing(id)
    const { email, displayName } = profile
    if (displayName !== undefined) this.#change(id, { displayName })
    if (email === undefined || !this.#isFreeEmail(email, id)) return
    if (record.email !== undefined) this.#idsByEmail.delete(fold(record.email))
    this.#idsByEmail.set(fold(email), id)
    this.#change(id, { email })
  }

  async groupIds(mode: string, groups: readonly GroupRef[]): Promise<readonly number[]> {
    return groups.map(({ key }) => {
      const groupKey = JSON.stringify([mode, key])
      const known = this.#groupIds.get(groupKey)
      if (known !== undefined) return known
      refuseBeyond(this.#maxGroups, this.#groupIds.size, 'groups', 'maxGroups')
      const id = this.#groupIds.size + 1
      this.#groupIds.set(groupKey, id)
      return id
    })
  }

  async version(id: number): Promise<string | undefined> {
    return this.#entries.get(id)?.record.version
  }

  async list({ after = 0, limit = 100 }: { readonly after?: number; readonly limit?: number } = {}) {
    const records = [...this.#entries.values()].map(({ record }) => record)
    return records.filter(({ id }) => id > after).slice(0, limit)
  }

  async add({ username, email, displayName, isAdmin = false, password }: NewPerson): Promise<AccountRecord> {
    const canonical = canonicalName(username)
    if (canonical === undefined) {
      throw new InvalidInputError('a user name is 1 to 255 visible characters without surrounding spaces')
    }
    if (this.#idsByName.has(canonical)) throw new ConflictError(`the user name ${username} is taken`)
    if (email !== undefined && !this.#isFreeEmail(email)) {
      throw new ConflictError(`the e-mail address ${email} is taken`)
    }
    const profile = { ...(email !== undefined && { email }), ...(displayName !== undefined && { displayName }) }
    return this.#insert({ username, ...profile, isAdmin, mode: LOCAL_MODE }, password ?? NO_PASSWORD)
  }

  async remove(id: number): Promise<void> {
    const { record } = this.#existing(id)
    this.#entries.delete(id)
    this.#idsByName.delete(fold(record.username))
    if (record.email !== undefined) this.#idsByEmail.delete(fold(record.email))
    for (const [link, holder] of this.#idsByLink) if (holder === id) this.#idsByLink.delete(link)
  }

  async setDisabled(id: number, disabled: boolean): Promise<void> {
    this.#change(id, { disabled })
  }

  async setAdmin(id: number, isAdmin: boolean): Promise<void> {
    this.#change(id, { isAdmin })
  }

  async setPassword(id: number, stored: StoredPassword): Promise<void> {
    this.#put(this.#existing(id).record, stored)
  }

  async link(id: number, link: IdentityLink): Promise<void> {
    this.#existing(id)
    const holder = this.#idsByLink.get(linkKey(link))
    if (holder === id) return
    if (holder !== undefined) throw new ConflictError(`account ${holder} has this link already`)
    refuseBeyond(this.#maxAccounts, this.#idsByLink.size, 'links', 'maxAccounts')
    this.#idsByLink.set(linkKey(link), id)
  }

  async find({ canonical }: LoginName): Promise<PasswordRow | undefined> {
    const entry = this.#find(this.#idsByName, canonical) ?? this.#find(this.#idsByEmail, canonical)
    if (!entry) return undefined
    return { account: entry.record, stored: entry.stored, isExternal: entry.record.mode !== LOCAL_MODE }
  }

  async replace(accountId: number, expected: StoredPassword, next: StoredPassword): Promise<boolean> {
    const entry = this.#entries.get(accountId)
    if (!entry || !isSamePassword(entry.stored, expected)) return false
    this.#put(entry.record, next)
    return true
  }

  async schemes(): Promise<readonly string[]> {
    const stored = [...this.#entries.values()].map((entry) => entry.stored)
    return [...new Set(stored.filter(({ hash }) => hash !== '').map(schemeName))]
  }

  #find(index: ReadonlyMap<string, number>, key: string): Entry | undefined {
    const id = index.get(key)
    return id === undefined ? undefined : this.#entries.get(id)
  }

  #existing(id: number): Entry {
    const entry = this.#entries.get(id)
    if (!entry) throw new NotFoundError(`there is no account with id ${id}`)
    return entry
  }

  #insert(person: Omit<AccountRecord, 'id' | 'disabled'>, stored: StoredPassword): AccountRecord {
    refuseBeyond(this.#maxAccounts, this.#entries.size, 'accounts', 'maxAccounts')
    this.#lastId += 1
    const record = this.#put({ id: this.#lastId, disabled: false, ...person }, stored)
    this.#idsByName.set(fold(record.username), record.id)
    if (record.email !== undefined) this.#idsByEmail.set(fold(record.email), record.id)
    return record
  }

  #change(id: number, changes: Partial<AccountRecord>): void {
    const { record, stored } = this.#existing(id)
    this.#put({ ...record, ...changes }, stored)
  }

  #put(changed: AccountRecord, stored: StoredPassword): AccountRecord {
    const record = Object.freeze({ ...changed, version: versionOf(changed, stored) })
    this.#entries.set(record.id, { record, stored })
    return record
  }

  #isFreeEmail(email: string, except?: number): boolean {
    const holder = this.#idsByEmail.get(fold(email))
    return holder === undefined || holder === except
  }
}

const versionOf = ({ disabled, isAdmin }: AccountRecord, { hash, salt, scheme }: StoredPassword): string =>
  createHash('sha256')
    .update(JSON.stringify([hash, salt, scheme, disabled, isAdmin]))
    .digest('hex')

/** An e-mail address that cannot be typed as a name keeps its own spelling. */
const fold = (text: string): string => canonicalName(text) ?? text

const linkKey = ({ issuer, subject }: IdentityLink): string => JSON.stringify([issuer, subject])

/** What verifying costs is in the parameters: `$argon2id$v=19$m=19456,t=2,p=1`. */
const schemeName = ({ hash, scheme }: StoredPassword): string =>
  /^\$argon2id\$v=\d+\$[^$]+(?=\$)/.exec(hash)?.[0] ?? scheme

const isSamePassword = (a: StoredPassword, b: StoredPassword): boolean =>
  a.hash === b.hash && a.salt === b.salt && a.scheme === b.scheme

function refuseBeyond(limit: number, size: number, what: string, option: string): void {
  if (size < limit) return
  throw new BackendUnavailableError('memory accounts', `holds ${limit} ${what}, its limit; raise ${option}`)
}
