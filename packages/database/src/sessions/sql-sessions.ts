import {
  BackendUnavailableError,
  type Clock,
  InvalidInputError,
  type ListedSession,
  MAX_SESSIONS_OF_ACCOUNT,
  type ProviderSession,
  SESSION_PURPOSE,
  type SessionRecord,
  type SessionStore,
  systemClock,
} from '@lockkeeper/core'
import type { Knex } from 'knex'
import { digest } from '../accounts/account-rows.ts'
import type { Database } from '../database.ts'
import { nowAndThen, sweep } from '../sweeper.ts'
import { isId, isStorable } from '../values.ts'

const TABLE = 'lockkeeper_session'
const MAX_RECORD_LENGTH = 64 * 1024
const COLUMNS = ['session_id', 'last_seen_at', 'expires_at', 'record']

/** Parts and bounds of {@link sqlSessions}. */
export interface SqlSessionsParts {
  readonly clock?: Clock
  /** The most records, of all purposes, by a count that is taken every ten seconds; 100 000 by default. */
  readonly maxSessions?: number
}

interface Row {
  readonly session_id: string
  readonly last_seen_at: number
  readonly expires_at: number
  readonly record: string
}

/**
 * Keeps sessions in the database, so that any number of processes know them. Every ten seconds what expired is removed,
 * and when there are too many, steps under way, the oldest first: anybody can begin one, and nobody is signed out by it.
 */
export const sqlSessions = (db: Database, parts: SqlSessionsParts = {}): SessionStore => new SqlSessions(db, parts)

class SqlSessions implements SessionStore {
  readonly #db: Database
  readonly #clock: Clock
  readonly #maxSessions: number
  readonly #tidy: () => void
  #isFull = false

  constructor(db: Database, { clock = systemClock, maxSessions = 100_000 }: SqlSessionsParts) {
    this.#db = db
    this.#clock = clock
    this.#maxSessions = maxSessions
    this.#tidy = nowAndThen(clock, () => this.#sweep())
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    if (!isSessionId(id)) return undefined
    const row: Row | undefined = await this.#db.query((knex) =>
      this.#alive(knex)
        .where('session_id', id)
        .first(...COLUMNS),
    )
    return row && toRecord(row)
  }

  async set(id: string, record: SessionRecord): Promise<void> {
    if (this.#isFull) {
      this.#tidy()
      throw new BackendUnavailableError(
        'sessions',
        `there are ${this.#maxSessions} of them, the limit; raise maxSessions`,
      )
    }
    const row = toRow(id, record)
    await this.#db.query((knex) => knex(TABLE).insert(row).onConflict('session_id').merge())
    this.#tidy()
    const { accountId, purpose } = record
    if (purpose === SESSION_PURPOSE && accountId !== undefined) await this.#endSurplus(accountId, id)
  }

  async delete(id: string): Promise<boolean> {
    return isSessionId(id) && (await this.#deleteAll((query) => query.where('session_id', id))) > 0
  }

  async touch(
    id: string,
    { lastSeenAt, expiresAt }: Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>,
  ): Promise<boolean> {
    if (!isSessionId(id)) return false
    const touched = await this.#db.query((knex) =>
      this.#alive(knex).where('session_id', id).update({ last_seen_at: lastSeenAt, expires_at: expiresAt }),
    )
    return touched > 0
  }

  async listByAccount(accountId: number): Promise<readonly ListedSession[]> {
    if (!isId(accountId)) return []
    const rows: readonly Row[] = await this.#db.query((knex) =>
      this.#sessionsOf(knex, accountId)
        .limit(MAX_SESSIONS_OF_ACCOUNT)
        .select(...COLUMNS),
    )
    return rows.map((row) => ({ ...toRecord(row), id: row.session_id }))
  }

  async deleteByAccount(accountId: number, except?: string): Promise<number> {
    if (!isId(accountId)) return 0
    return this.#deleteAll((query) => {
      query.where('account_id', accountId)
      if (except !== undefined) query.whereNot('session_id', except)
    })
  }

  async deleteByProvider(named: ProviderSession): Promise<number> {
    const { subject_digest, provider_session_digest } = providerColumns(named)
    if (provider_session_digest !== null) return this.#deleteAll((query) => query.where({ provider_session_digest }))
    return subject_digest === null ? 0 : this.#deleteAll((query) => query.where({ subject_digest }))
  }

  #alive(knex: Knex): Knex.QueryBuilder {
    return knex(TABLE).where('expires_at', '>', this.#clock.wallMs())
  }

  #sessionsOf(knex: Knex, accountId: number): Knex.QueryBuilder {
    const ofAccount = { account_id: accountId, purpose: SESSION_PURPOSE }
    return this.#alive(knex).where(ofAccount).orderBy('last_seen_at', 'desc').orderBy('session_id')
  }

  #deleteAll(where: (query: Knex.QueryBuilder) => unknown): Promise<number> {
    return this.#db.query((knex) => {
      const query = this.#alive(knex)
      where(query)
      return query.delete()
    })
  }

  async #endSurplus(accountId: number, newest: string): Promise<void> {
    const surplus: readonly string[] = await this.#db.query((knex) =>
      this.#sessionsOf(knex, accountId)
        .whereNot('session_id', newest)
        .offset(MAX_SESSIONS_OF_ACCOUNT - 1)
        .limit(MAX_SESSIONS_OF_ACCOUNT)
        .pluck('session_id'),
    )
    if (surplus.length > 0) await this.#deleteAll((query) => query.whereIn('session_id', [...surplus]))
  }

  async #sweep(): Promise<void> {
    const now = this.#clock.wallMs()
    const rows = { table: TABLE, key: 'session_id' }
    await sweep(this.#db, { ...rows, where: (query) => query.where('expires_at', '<=', now) })
    const [count] = await this.#db.query((knex) => knex(TABLE).count({ all: '*' }))
    const surplus = Number(count?.all ?? 0) - this.#maxSessions
    const steps = (query: Knex.QueryBuilder) => query.whereNot('purpose', SESSION_PURPOSE).orderBy('expires_at')
    const removed = surplus > 0 ? await sweep(this.#db, { ...rows, where: steps }, surplus) : 0
    this.#isFull = surplus > removed
  }
}

const isSessionId = (id: string): boolean => id !== '' && isStorable(id, 128)

/** The digests by which a notice finds it: of (issuer, subject), and of (issuer, sid). */
function providerColumns({ issuer, subject, session }: Partial<ProviderSession> = {}) {
  return {
    subject_digest: subject === undefined ? null : digest([issuer, subject]),
    provider_session_digest: session === undefined ? null : digest([issuer, session]),
  }
}

function toRow(id: string, { lastSeenAt, expiresAt, ...rest }: SessionRecord) {
  const record = JSON.stringify(rest)
  if (!isSessionId(id)) throw new TypeError('the id of a session is a digest of at most 128 characters')
  if (record.length > MAX_RECORD_LENGTH) throw new InvalidInputError('a session holds at most 64 KiB')
  return {
    session_id: id,
    purpose: rest.purpose,
    account_id: rest.accountId ?? null,
    ...providerColumns(rest.provider),
    last_seen_at: lastSeenAt,
    expires_at: expiresAt,
    record,
  }
}

function toRecord({ last_seen_at: lastSeenAt, expires_at: expiresAt, record }: Row): SessionRecord {
  return { ...(JSON.parse(record) as Omit<SessionRecord, 'lastSeenAt' | 'expiresAt'>), lastSeenAt, expiresAt }
}
