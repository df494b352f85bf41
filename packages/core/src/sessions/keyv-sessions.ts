import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { BackendUnavailableError } from '../errors.ts'
import {
  type ListedSession,
  MAX_SESSIONS_OF_ACCOUNT,
  type ProviderSession,
  SESSION_PURPOSE,
  type SessionRecord,
  type SessionStore,
} from './session-store.ts'

/** What {@link keyvSessions} calls of a `Keyv`. */
export interface KeyvMethods {
  get(key: string): Promise<unknown>
  /** @returns `false` where nothing was kept. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  /** @returns Whether there was something; to one caller alone where the store behind it sees to that. */
  delete(key: string): Promise<boolean>
  /** Of an outage Keyv tells its listeners, and answers as if there were nothing. */
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** Parts and bounds of {@link keyvSessions}. */
export interface KeyvSessionsOptions {
  readonly clock: Clock
  /** No session is kept for longer, in seconds; twelve hours by default. The same as of `createSessions`. */
  readonly absoluteSeconds?: number
}

/**
 * Keeps sessions in whatever {@link https://keyv.org | Keyv} keeps its values in, for any number of processes.
 *
 * Keyv changes one value at a time and finds nothing but by its key, so what a person has is found by a list that two
 * logins at one moment may both write: one of these sessions may then be missing in `listByAccount`, and does not count
 * towards the hundred. Ending does not go by the list: a mark is written that every read compares, so all are over.
 */
export const keyvSessions = (keyv: KeyvMethods, options: KeyvSessionsOptions): SessionStore =>
  new SessionsInKeyv(keyv, options)

/** A record, and the marks of its groups as they were when it was kept. */
interface Kept {
  readonly record: SessionRecord
  readonly marks: Readonly<Record<string, string>>
}

/** From when on a group has another mark: records with an older one are over, but for one that was spared. */
interface Ended {
  readonly mark: string
  readonly spared?: string
}

type Times = Pick<SessionRecord, 'lastSeenAt' | 'expiresAt'>

const MINUTE_MS = 60_000
const MAX_ID_LENGTH = 128

class SessionsInKeyv implements SessionStore {
  readonly #keyv: KeyvMethods
  readonly #clock: Clock
  readonly #lifeMs: number
  #faults = 0

  constructor(keyv: KeyvMethods, { clock, absoluteSeconds = 12 * 3600 }: KeyvSessionsOptions) {
    keyv.on('error', () => this.#faults++)
    this.#keyv = keyv
    this.#clock = clock
    this.#lifeMs = absoluteSeconds * 1000
  }

  async get(id: string): Promise<SessionRecord | undefined> {
    if (id === '' || id.length > MAX_ID_LENGTH) return undefined
    const kept = await this.#read<Kept>(`session:${id}`)
    if (kept === undefined) return undefined
    const [times, isOver] = await Promise.all([this.#read<Times>(`seen:${id}`), this.#isOver(id, kept)])
    const record = { ...kept.record, ...times }
    return isOver || this.#clock.wallMs() >= record.expiresAt ? undefined : record
  }

  async set(id: string, record: SessionRecord): Promise<void> {
    const isSession = record.purpose === SESSION_PURPOSE
    const ttlMs = isSession ? this.#lifeMs : record.expiresAt - this.#clock.wallMs()
    if (ttlMs <= 0) return
    const groups = groupsOf(record)
    // Read before the record is written: whoever ends the group meanwhile ends this one as well.
    const marks = await Promise.all(groups.map(async (group) => [group, await this.#markOf(group)] as const))
    await this.#write(`session:${id}`, { record, marks: Object.fromEntries(marks) } satisfies Kept, ttlMs)
    if (isSession) for (const group of groups) await this.#enlist(group, id)
  }

  async delete(id: string): Promise<boolean> {
    if ((await this.get(id)) === undefined) return false
    const wasThere = await this.#ask(() => this.#keyv.delete(`session:${id}`))
    await this.#ask(() => this.#keyv.delete(`seen:${id}`))
    return wasThere === true
  }

  async touch(id: string, { lastSeenAt, expiresAt }: Times): Promise<boolean> {
    if ((await this.get(id)) === undefined) return false
    // Beside the record, so that one that was deleted just now is not written again.
    await this.#write(`seen:${id}`, { lastSeenAt, expiresAt } satisfies Times, this.#lifeMs)
    return true
  }

  async listByAccount(accountId: number): Promise<readonly ListedSession[]> {
    return this.#listed(accountGroup(accountId))
  }

  async deleteByAccount(accountId: number, except?: string): Promise<number> {
    return this.#end(accountGroup(accountId), except)
  }

  async deleteByProvider(named: ProviderSession): Promise<number> {
    const group = named.session === undefined ? subjectGroup(named) : providerSessionGroup(named)
    return group === undefined ? 0 : this.#end(group)
  }

  async #end(group: string, except?: string): Promise<number> {
    const listed = await this.#listed(group)
    const spared = except !== undefined && (await this.get(except)) ? except : undefined
    const ended: Ended = { mark: randomUUID(), ...(spared !== undefined && { spared }) }
    // Longer than any record with an older mark.
    await this.#write(`ended:${group}`, ended, this.#lifeMs + MINUTE_MS)
    const over = listed.filter(({ id }) => id !== spared)
    for (const { id } of over) await this.#ask(() => this.#keyv.delete(`session:${id}`))
    return over.length
  }

  async #isOver(id: string, { marks }: Kept): Promise<boolean> {
    const groups = Object.entries(marks)
    const ends = await Promise.all(groups.map(([group]) => this.#read<Ended>(`ended:${group}`)))
    return ends.some((end, at) => end !== undefined && end.mark !== groups[at]?.[1] && end.spared !== id)
  }

  async #markOf(group: string): Promise<string> {
    return (await this.#read<Ended>(`ended:${group}`))?.mark ?? ''
  }

  async #enlist(group: string, id: string): Promise<void> {
    const others = (await this.#listed(group)).filter((other) => other.id !== id)
    for (const { id: surplus } of others.slice(MAX_SESSIONS_OF_ACCOUNT - 1)) await this.delete(surplus)
    const ids = [id, ...others.slice(0, MAX_SESSIONS_OF_ACCOUNT - 1).map((other) => other.id)]
    await this.#write(`list:${group}`, ids, this.#lifeMs)
  }

  /** The last used first. */
  async #listed(group: string): Promise<readonly ListedSession[]> {
    const ids = (await this.#read<readonly string[]>(`list:${group}`)) ?? []
    const found = await Promise.all(
      ids.map(async (id) => {
        const record = await this.get(id)
        return record ? [{ ...record, id }] : []
      }),
    )
    return found.flat().toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
  }

  /** Reads what {@link #write} wrote; the store is ours, so its shape is not asked again. */
  #read<T>(key: string): Promise<T | undefined> {
    return this.#ask(async () => {
      const text = await this.#keyv.get(key)
      return typeof text === 'string' ? JSON.parse(text) : undefined
    })
  }

  /** Text, because some stores give back the very object that they were given. */
  #write(key: string, value: unknown, ttlMs: number): Promise<void> {
    return this.#ask(async () => {
      const isKept = await this.#keyv.set(key, JSON.stringify(value), ttlMs)
      if (isKept === false) throw new Error('nothing was kept')
    })
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#faults
    try {
      const answer = await work()
      // Perhaps of another question; but "there is none" is only believed of a store without faults.
      if (this.#faults !== before) throw new Error('Keyv told of a fault meanwhile')
      return answer
    } catch (cause) {
      throw new BackendUnavailableError('sessions', 'the store behind Keyv does not answer', { cause })
    }
  }
}

/** All groups that a record may be ended with. */
const groupsOf = ({ accountId, provider }: SessionRecord): readonly string[] =>
  [
    accountId === undefined ? undefined : accountGroup(accountId),
    provider && subjectGroup(provider),
    provider && providerSessionGroup(provider),
  ].filter((group) => group !== undefined)

const accountGroup = (accountId: number): string => `account:${accountId}`

const subjectGroup = ({ issuer, subject }: ProviderSession): string | undefined =>
  subject === undefined ? undefined : `subject:${digestOf(issuer, subject)}`

const providerSessionGroup = ({ issuer, session }: ProviderSession): string | undefined =>
  session === undefined ? undefined : `provider-session:${digestOf(issuer, session)}`

const digestOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
