import { type Clock, systemClock } from '../clock.ts'
import { BackendUnavailableError } from '../errors.ts'
import {
  type ListedSession,
  MAX_SESSIONS_OF_ACCOUNT,
  type ProviderSession,
  SESSION_PURPOSE,
  type SessionRecord,
  type SessionStore,
} from './session-store.ts'

/** Parts and bounds of {@link memorySessions}. */
export interface MemorySessionsOptions {
  /** The machine's own by default. */
  readonly clock?: Clock
  /** The most records it holds, of all purposes; 10 000 by default. */
  readonly maxSessions?: number
}

/**
 * Keeps sessions in memory, for tests and one process; they end with it. When it is full, steps under way make room, the
 * oldest first: anybody can begin one, and nobody may be signed out by it.
 *
 * @returns A store whose `set` throws {@link BackendUnavailableError} when all it holds is people who are signed in.
 */
export const memorySessions = (options: MemorySessionsOptions = {}): SessionStore => new SessionsInMemory(options)

class SessionsInMemory implements SessionStore {
  readonly #clock: Clock
  readonly #maxSessions: number
  readonly #records = new Map<string, SessionRecord>()

  constructor({ clock = systemClock, maxSessions = 10_000 }: MemorySessionsOptions) {
    this.#clock = clock
    this.#maxSessions = maxSessions
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    return this.#find(id)
  }

  async set(id: string, record: SessionRecord): Promise<void> {
    if (!this.#records.has(id) && this.#records.size >= this.#maxSessions) this.#makeRoom()
    this.#records.set(id, Object.freeze({ ...record }))
    if (record.purpose !== SESSION_PURPOSE || record.accountId === undefined) return
    const others = this.#sessionsOf(record.accountId).filter(([other]) => other !== id)
    this.#deleteAll(others.slice(MAX_SESSIONS_OF_ACCOUNT - 1))
  }

  async delete(id: string): Promise<boolean> {
    const wasThere = this.#find(id) !== undefined
    this.#records.delete(id)
    return wasThere
  }

  async touch(id: string, times: Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>): Promise<boolean> {
    const record = this.#find(id)
    if (record === undefined) return false
    const { lastSeenAt, expiresAt } = times
    this.#records.set(id, Object.freeze({ ...record, lastSeenAt, expiresAt }))
    return true
  }

  async listByAccount(accountId: number): Promise<readonly ListedSession[]> {
    return this.#sessionsOf(accountId).map(([id, record]) => ({ ...record, id }))
  }

  async deleteByAccount(accountId: number, except?: string): Promise<number> {
    return this.#deleteAll(this.#all((record, id) => record.accountId === accountId && id !== except))
  }

  async deleteByProvider({ issuer, subject, session }: ProviderSession): Promise<number> {
    return this.#deleteAll(
      this.#all(({ provider }) => {
        if (provider?.issuer !== issuer) return false
        return session === undefined
          ? subject !== undefined && provider.subject === subject
          : provider.session === session
      }),
    )
  }

  #find(id: string): SessionRecord | undefined {
    const record = this.#records.get(id)
    return record && this.#isAlive(record) ? record : undefined
  }

  /** The last used first. */
  #sessionsOf(accountId: number): readonly (readonly [string, SessionRecord])[] {
    return this.#all((record) => record.purpose === SESSION_PURPOSE && record.accountId === accountId).toSorted(
      ([, a], [, b]) => b.lastSeenAt - a.lastSeenAt,
    )
  }

  #all(matches: (record: SessionRecord, id: string) => boolean): readonly (readonly [string, SessionRecord])[] {
    return [...this.#records].filter(([id, record]) => this.#isAlive(record) && matches(record, id))
  }

  #deleteAll(entries: readonly (readonly [string, SessionRecord])[]): number {
    for (const [id] of entries) this.#records.delete(id)
    return entries.length
  }

  #isAlive({ expiresAt }: SessionRecord): boolean {
    return this.#clock.wallMs() < expiresAt
  }

  #makeRoom(): void {
    for (const [id, record] of this.#records) if (!this.#isAlive(record)) this.#records.delete(id)
    if (this.#records.size < this.#maxSessions) return
    for (const [id, { purpose }] of this.#records) {
      if (purpose === SESSION_PURPOSE) continue
      this.#records.delete(id)
      return
    }
    const message = `memory holds ${this.#maxSessions} of them, its limit; raise maxSessions or keep them in a database`
    throw new BackendUnavailableError('sessions', message)
  }
}
