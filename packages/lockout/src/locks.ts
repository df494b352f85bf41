import { type Clock, unknownName } from '@lockkeeper/core'
import type { FailureRates } from './failure-rates.ts'
import { inLane, type LockSubject, subjectDigest } from './keys.ts'
import type { LockoutStore, StoredFreeze } from './lockout-store.ts'
import { networkOf } from './network.ts'
import { RecentMap } from './recent-map.ts'

/** A freeze that is running, as an operator reads it. */
export interface Lock {
  /** What `clear` takes. */
  readonly key: string
  /** Whom it is about; absent when another process froze it, and {@link LocksQuery.known} does not name it. */
  readonly subject?: LockSubject
  /** When it was refused, UTC, RFC 3339. */
  readonly since: string
  /** Milliseconds until the freeze ends. */
  readonly forMs: number
  /** Consecutive failures. */
  readonly failures: number
  /** The network the refused attempt came from. */
  readonly source: string
}

/** What to list. */
export interface LocksQuery {
  /** 1000 by default. */
  readonly limit?: number
  /** Names and accounts to recognise in what other processes froze; a store knows only digests. */
  readonly known?: Iterable<LockSubject>
}

const DAY = 86_400_000
const MAX_NAMES = 10_000
/** How many freezes are looked at for one subject, and cleared at a time. */
const MANY = 10_000

/** Who is frozen, for those who operate: names come from this process's memory, since no store knows any. */
export class Locks {
  readonly #store: LockoutStore
  readonly #clock: Clock
  readonly #rates: FailureRates
  readonly #lanes: readonly string[]
  readonly #names: RecentMap<LockSubject>

  /** @param lanes The lanes that subjects always have. */
  constructor(store: LockoutStore, clock: Clock, rates: FailureRates, lanes: readonly string[]) {
    this.#store = store
    this.#clock = clock
    this.#rates = rates
    this.#lanes = lanes
    this.#names = new RecentMap(clock, MAX_NAMES)
  }

  /** Remembers whom a freeze is about. A name without an account is remembered as a short digest. */
  remember(space: string, name: string, account: string | undefined): void {
    const shown = account === undefined ? unknownName(name) : name
    this.#names.set(subjectDigest({ space, name }), { space, name: shown }, DAY)
    if (account !== undefined) this.#names.set(subjectDigest({ space, account }), { space, account }, DAY)
  }

  async list({ limit = 1000, known = [] }: LocksQuery = {}): Promise<readonly Lock[]> {
    const freezes = await this.#store.list(limit)
    const wanted = new Set(freezes.map(({ key }) => subjectOf(key)))
    const named = new Map<string, LockSubject>()
    for (const subject of known) {
      const digest = subjectDigest(subject)
      if (wanted.has(digest)) named.set(digest, subject)
    }
    return freezes.map((freeze) => this.#lockOf(freeze, named))
  }

  async clear(target?: LockSubject | { readonly key: string }): Promise<number> {
    if (target !== undefined && 'key' in target) {
      await this.#store.clear([target.key])
      return 1
    }
    return target === undefined ? this.#clearAll() : this.#clearSubject(subjectDigest(target))
  }

  async explain({ source, ...subject }: LockSubject & { readonly source?: string }): Promise<readonly string[]> {
    const digest = subjectDigest(subject)
    const locks = (await this.list({ limit: MANY, known: [subject] })).filter(({ key }) => subjectOf(key) === digest)
    const freezes = locks.map(
      ({ since, forMs, failures, source: from }) =>
        `frozen since ${since} for another ${Math.ceil(forMs)} ms: ${count(failures)}, the last from ${from || 'an unknown network'}`,
    )
    const limitedMs = source === undefined ? 0 : this.#rates.limitedForMs(networkOf(source))
    const limits =
      limitedMs > 0 ? [`${source} is turned away for another ${Math.ceil(limitedMs)} ms: too many refusals`] : []
    const lines = [...freezes, ...limits]
    return lines.length > 0 ? lines : ['not frozen']
  }

  async #clearAll(): Promise<number> {
    for (let cleared = 0; ; ) {
      const keys = (await this.#store.list(MANY)).map(({ key }) => key)
      await this.#store.clear(keys)
      cleared += keys.length
      if (keys.length < MANY) return cleared
    }
  }

  async #clearSubject(subject: string): Promise<number> {
    const frozen = (await this.#store.list(MANY)).map(({ key }) => key).filter((key) => subjectOf(key) === subject)
    // What is remembered of it goes too, even where no freeze runs.
    const always = this.#lanes.map((lane) => inLane(subject, lane))
    await this.#store.clear([...new Set([...frozen, ...always])])
    return frozen.length
  }

  #lockOf({ key, sinceMs, forMs, failures, source }: StoredFreeze, named: ReadonlyMap<string, LockSubject>): Lock {
    const subject = named.get(subjectOf(key)) ?? this.#names.get(subjectOf(key))
    const since = new Date(this.#clock.wallMs() - sinceMs).toISOString()
    return { key, ...(subject && { subject }), since, forMs, failures, source }
  }
}

const subjectOf = (key: string): string => key.slice(0, 32)

const count = (failures: number): string => (failures === 1 ? 'one failure' : `${failures} consecutive failures`)
