/** What the record of a person who is signed in is for; records with any other purpose are used once. */
export const SESSION_PURPOSE = 'session'

/** The most sessions of one account; one more ends the one that was used longest ago. */
export const MAX_SESSIONS_OF_ACCOUNT = 100

/** Whom a provider's sign-out notice names: all sessions of a subject there, or one of them. */
export interface ProviderSession {
  readonly issuer: string
  readonly subject?: string
  /** The provider's `sid`; where there is one, it alone decides. */
  readonly session?: string
}

/**
 * What the server keeps of one browser: somebody who is signed in, or a step that is under way, such as a login at a
 * provider. Instants are milliseconds of the wall clock, so that a record survives JSON.
 */
export interface SessionRecord {
  /** {@link SESSION_PURPOSE}, or the one step that the record may end. A record of one purpose is worth nothing for another. */
  readonly purpose: string
  readonly mode: string
  /** Whose it is, and the version the account was in, where somebody is known already. */
  readonly accountId?: number
  readonly accountVersion?: string
  readonly createdAt: number
  readonly lastSeenAt: number
  /** When it is gone at the latest; how idle and absolute limits make one instant is for the web layer to say. */
  readonly expiresAt: number
  /** By what the provider's sign-out notices find it. */
  readonly provider?: ProviderSession
  /** For the person who looks at the list: what the browser calls itself, cut short, and its network address. */
  readonly userAgent?: string
  readonly source?: string
  /** What the step needs to go on. Tokens are sealed before they get here. */
  readonly data?: Readonly<Record<string, string>>
}

/** A record in a list, with the digest it is kept under. */
export interface ListedSession extends SessionRecord {
  readonly id: string
}

/**
 * Keeps sessions under the digests of their ids, so that who reads the store can take over none. `get`, `set` and `delete`
 * are Keyv's, the others find the records of one person. All throw {@link BackendUnavailableError}: a session that cannot
 * be read is neither valid nor over.
 */
export interface SessionStore {
  /** @returns Nothing from the instant it expires. */
  get(id: string): Promise<SessionRecord | undefined>
  /**
   * Keeps a record until its `expiresAt`, and no more than {@link MAX_SESSIONS_OF_ACCOUNT} of one account. Only for new ids:
   * see {@link SessionStore.touch} for records that are there.
   */
  set(id: string, record: SessionRecord): Promise<void>
  /** @returns `true` to one caller, however many ask at once: that one may use what it had read. */
  delete(id: string): Promise<boolean>
  /** Moves two instants of a record that is there; one that was deleted stays deleted. */
  touch(id: string, times: Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>): Promise<boolean>
  /** The sessions of an account, the last used first, and no record with another purpose. */
  listByAccount(accountId: number): Promise<readonly ListedSession[]>
  /** @param except One session to be left, such as the one that asks. @returns How many there were. */
  deleteByAccount(accountId: number, except?: string): Promise<number>
  /** Ends the sessions that a provider's sign-out notice names. @returns How many there were. */
  deleteByProvider(named: ProviderSession): Promise<number>
}

/**
 * Takes a record that works once: it is gone before it is used, and to everybody else it was never there.
 *
 * @returns Nothing when there is none, it was taken already, or it has another purpose; that one is left alone.
 */
export async function takeOnce(store: SessionStore, id: string, purpose: string): Promise<SessionRecord | undefined> {
  const record = await store.get(id)
  if (record?.purpose !== purpose) return undefined
  return (await store.delete(id)) ? record : undefined
}
