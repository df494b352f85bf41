import {
  type Account,
  type AccountRecord,
  type AccountStore,
  BackendUnavailableError,
  type Clock,
  type ListedSession,
  type ProviderSession,
  SESSION_PURPOSE,
  type SessionRecord,
  type SessionStore,
} from '@lockkeeper/core'
import { digestOf, isSessionId, newSessionId } from './session-id.ts'

/** What {@link createSessions} is made of. */
export interface SessionsParts {
  readonly store: SessionStore
  readonly accounts: Pick<AccountStore, 'findById' | 'version'>
  readonly clock: Clock
  /** Unused for so long a session ends, in seconds; one hour by default. */
  readonly idleSeconds?: number
  /** It ends so long after the login whatever happens, in seconds; twelve hours by default. */
  readonly absoluteSeconds?: number
}

/** A browser in which somebody signs in. */
export interface NewSession {
  readonly userAgent?: string
  readonly source: string
  /** By what the provider's sign-out notices find it. */
  readonly provider?: ProviderSession
  /** The id that the browser had before; it ends. */
  readonly previous?: string | undefined
}

/** Somebody who is signed in. */
export interface SignedIn {
  /** The digest that the session is kept under; no secret. */
  readonly id: string
  /** As it is now, but for groups and administration that a provider granted with the login. */
  readonly account: Account
  /** The mode that owns the account; they may have signed in by another one that is linked to it. */
  readonly ownerMode: string
  readonly record: SessionRecord
}

/** The sessions of people in browsers. */
export interface Sessions {
  /** @returns The new id, for the cookie. It has never been seen before, and the previous one is worth nothing. */
  begin(account: Account, about: NewSession): Promise<string>
  /**
   * Who is signed in with an id.
   *
   * @returns Nothing when it is unknown, over, or the account is not as it was at the login: changed password, disabled,
   * deleted, other rights.
   * @throws {BackendUnavailableError} when the store or the accounts cannot be read.
   */
  find(id: string): Promise<SignedIn | undefined>
  /** Ends one session of an account. @returns `false` when that account has no such session. */
  end(accountId: number, digest: string): Promise<boolean>
  /** Ends all sessions of an account but one. @returns How many there were. */
  endOthers(accountId: number, digest: string): Promise<number>
  /** Those that are not over, the last used first. */
  list(accountId: number): Promise<readonly ListedSession[]>
}

const MINUTE_MS = 60_000
const MAX_USER_AGENT = 256

/** Makes the sessions over a store. What is kept of an account is its id and version, so that no change is overlooked. */
export function createSessions(parts: SessionsParts): Sessions {
  const { store, accounts, clock } = parts
  const idleMs = (parts.idleSeconds ?? 3600) * 1000
  const absoluteMs = (parts.absoluteSeconds ?? 12 * 3600) * 1000
  // A use is noted once in a while, not with each request.
  const touchAfterMs = Math.min(MINUTE_MS, idleMs / 10)

  return {
    async begin(account, about) {
      const version = account.version ?? (await accounts.version(account.id))
      if (version === undefined) throw new BackendUnavailableError('sessions', 'the account went away during the login')
      const id = newSessionId()
      const now = clock.wallMs()
      if (about.previous !== undefined && isSessionId(about.previous)) await store.delete(digestOf(about.previous))
      await store.set(digestOf(id), {
        purpose: SESSION_PURPOSE,
        mode: account.mode,
        accountId: account.id,
        accountVersion: version,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + Math.min(idleMs, absoluteMs),
        ...(about.provider && { provider: about.provider }),
        ...(about.userAgent !== undefined && { userAgent: about.userAgent.slice(0, MAX_USER_AGENT) }),
        source: about.source,
        data: { groupIds: account.groupIds.join(','), ...(account.isAdmin && { isAdmin: 'true' }) },
      })
      return id
    },

    async find(value) {
      if (!isSessionId(value)) return undefined
      const id = digestOf(value)
      const record = await store.get(id)
      if (record?.purpose !== SESSION_PURPOSE || record.accountId === undefined) return undefined
      const now = clock.wallMs()
      if (now >= Math.min(record.expiresAt, record.createdAt + absoluteMs, record.lastSeenAt + idleMs)) return undefined
      const account = await accounts.findById(record.accountId)
      if (!account || account.disabled || (await versionOf(account)) !== record.accountVersion) {
        await store.delete(id)
        return undefined
      }
      if (now - record.lastSeenAt >= touchAfterMs) {
        const expiresAt = Math.min(now + idleMs, record.createdAt + absoluteMs)
        // Somebody may have ended it since it was read.
        if (!(await store.touch(id, { lastSeenAt: now, expiresAt }))) return undefined
      }
      return { id, account: toAccount(account, record), ownerMode: account.mode, record }
    },

    async end(accountId, digest) {
      const record = await store.get(digest)
      if (record?.purpose !== SESSION_PURPOSE || record.accountId !== accountId) return false
      return store.delete(digest)
    },
    endOthers: (accountId, digest) => store.deleteByAccount(accountId, digest),
    list: (accountId) => store.listByAccount(accountId),
  }

  async function versionOf({ id, version }: AccountRecord): Promise<string | undefined> {
    return version ?? (await accounts.version(id))
  }
}

function toAccount(account: AccountRecord, { mode, data }: SessionRecord): Account {
  const { disabled: _, ...known } = account
  return {
    ...known,
    mode,
    isAdmin: account.isAdmin || data?.isAdmin === 'true',
    groupIds: (data?.groupIds ?? '').split(',').filter(Boolean).map(Number),
  }
}
