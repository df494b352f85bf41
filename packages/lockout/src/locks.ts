import { type Clock, unknownName } from '@lockkeeper/core'
import { inLane, type LockSubject, subjectDigest } from './keys.ts'
import { commonLanes, laneOf } from './lanes.ts'
import type { LockoutStore, StoredFreeze } from './lockout-store.ts'
import { networkOf } from './network.ts'
import type { LockoutPolicy } from './policies.ts'
import { RecentMap } from './recent-map.ts'
import type { Strangers } from './strangers.ts'
import type { TrustedSources } from './trusted-sources.ts'

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

/** A login that an operator asks about. */
export interface LoginQuestion {
  readonly space: string
  /** In canonical form. */
  readonly name: string
  /** The accounts that the name may mean. */
  readonly accounts?: readonly string[]
  /** The address it comes from; without it the freezes of all sources are told. */
  readonly source?: string
}

/** What locks are seen with. */
export interface LocksParts {
  readonly store: LockoutStore
  readonly clock: Clock
  readonly policy: LockoutPolicy
  readonly trusted: Pick<TrustedSources, 'has'>
  readonly strangers: Strangers
}

const DAY = 86_400_000
const MAX_NAMES = 10_000
/** How many freezes are looked at for one subject, and cleared at a time. */
const MANY = 10_000

/** Who is frozen, for those who operate: names come from this process's memory, since no store knows any. */
export class Locks {
  readonly #parts: LocksParts
  readonly #names: RecentMap<LockSubject>

  constructor(parts: LocksParts) {
    this.#parts = parts
    this.#names = new RecentMap(parts.clock, MAX_NAMES)
  }

  /** Remembers whom a freeze is about. A name without an account is remembered as a short digest. */
  remember(space: string, name: string, account: string | undefined): void {
    const shown = account === undefined ? unknownName(name) : name
    this.#names.set(subjectDigest({ space, name }), { space, name: shown }, DAY)
    if (account !== undefined) this.#names.set(subjectDigest({ space, account }), { space, account }, DAY)
  }

  async list({ limit = 1000, known = [] }: LocksQuery = {}): Promise<readonly Lock[]> {
    const freezes = await this.#parts.store.list(limit)
    const wanted = new Set(freezes.map(({ key }) => subjectOf(key)))
    const named = new Map<string, LockSubject>()
    for (const subject of known) {
      const digest = subjectDigest(subject)
      if (wanted.has(digest)) named.set(digest, subject)
    }
    return freezes.map((freeze) => this.#lockOf(freeze, named))
  }

  async clear(target?: LockSubject | { readonly key: string }): Promise<number> {
    if (target === undefined) return this.#clearAll()
    return 'key' in target ? this.#clearKey(target.key) : this.#clearSubject(subjectDigest(target))
  }

  async explain({ space, name, accounts = [], source }: LoginQuestion): Promise<readonly string[]> {
    const lines: string[] = []
    const digest = subjectDigest({ space, name })
    const from = source === undefined ? undefined : await this.#whoComesFrom(networkOf(source), digest)
    const freezes = await this.#parts.store.list(MANY)
    const subjects = [
      ['the name', digest] as const,
      ...accounts.map((account) => [`the account ${account}`, subjectDigest({ space, account })] as const),
    ]
    for (const [what, subject] of subjects) {
      // Without a source, whoever comes; from a source, only the freeze that it meets.
      const isMet = (key: string) =>
        from === undefined ? subjectOf(key) === subject : key === inLane(subject, from.lane)
      for (const freeze of freezes) if (isMet(freeze.key)) lines.push(`${what} is ${this.#sentenceOf(freeze)}`)
    }
    if (from?.away) {
      lines.push(`${source} is turned away for another ${Math.ceil(from.away.forMs)} ms: ${from.away.why}`)
    }
    return lines.length > 0 ? lines : ['not frozen']
  }

  async #whoComesFrom(network: string, name: string) {
    const { policy, trusted, strangers } = this.#parts
    return {
      lane: await laneOf(policy, trusted, name, network),
      away: await strangers.turnedAway(name, network),
    }
  }

  #sentenceOf(freeze: StoredFreeze): string {
    const { since, forMs, failures, source } = this.#lockOf(freeze)
    return `frozen since ${since} for another ${Math.ceil(forMs)} ms: ${count(failures)}, the last from ${source || 'an unknown network'}`
  }

  async #clearKey(key: string): Promise<number> {
    const isFrozen = (await this.#parts.store.list(MANY)).some((freeze) => freeze.key === key)
    await this.#parts.store.clear([key])
    return isFrozen ? 1 : 0
  }

  async #clearAll(): Promise<number> {
    for (let cleared = 0; ; ) {
      const keys = (await this.#parts.store.list(MANY)).map(({ key }) => key)
      await this.#parts.store.clear(keys)
      cleared += keys.length
      if (keys.length < MANY) return cleared
    }
  }

  async #clearSubject(subject: string): Promise<number> {
    const frozen = (await this.#parts.store.list(MANY))
      .map(({ key }) => key)
      .filter((key) => subjectOf(key) === subject)
    // What is remembered of it goes too, even where no freeze runs.
    const always = commonLanes(this.#parts.policy).map((lane) => inLane(subject, lane))
    await this.#parts.store.clear([...new Set([...frozen, ...always])])
    return frozen.length
  }

  #lockOf({ key, sinceMs, forMs, failures, source }: StoredFreeze, named?: ReadonlyMap<string, LockSubject>): Lock {
    const subject = named?.get(subjectOf(key)) ?? this.#names.get(subjectOf(key))
    const since = new Date(this.#parts.clock.wallMs() - sinceMs).toISOString()
    return { key, ...(subject && { subject }), since, forMs, failures, source }
  }
}

const subjectOf = (key: string): string => key.slice(0, 32)

const count = (failures: number): string => (failures === 1 ? 'one failure' : `${failures} consecutive failures`)
