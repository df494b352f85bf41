import { type Clock, systemClock } from '@lockkeeper/core'
import type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from '../lockout-store.ts'
import { RecentMap } from '../recent-map.ts'
import { type Due, ExpiryHeap } from './expiry-heap.ts'

/** Options of {@link memoryLockoutStore}. */
export interface MemoryLockoutStoreOptions {
  /** The machine's clock by default. */
  readonly clock?: Clock
  /** Most keys that are told apart, and most marks; 100 000 by default. */
  readonly maxEntries?: number
}

interface Entry extends Due {
  readonly key: string
  holder: string
  leaseEndsAt: number
  frozenAt: number
  frozenUntil: number
  failures: number
  forgetAt: number
  source: string
}

const PAST = Number.NEGATIVE_INFINITY

/** Keys that found the table full share so many entries. */
const OVERFLOW_BUCKETS = 1024

/**
 * Keeps freezes in the memory of this process.
 *
 * It never holds more than `maxEntries` keys. A full table drops the key whose freeze ended longest ago. No freeze
 * that runs is ever dropped: while all of them run, further keys share {@link OVERFLOW_BUCKETS} buckets, and a freeze
 * of one key in a bucket freezes the others in it. So a flood can delay strangers to it, and can thaw nobody. Failures
 * are not counted in buckets.
 */
export function memoryLockoutStore(options: MemoryLockoutStoreOptions = {}): LockoutStore {
  return new MemoryLockoutStore(options.clock ?? systemClock, options.maxEntries ?? 100_000)
}

class MemoryLockoutStore implements LockoutStore {
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #entries = new Map<string, Entry>()
  /** Ordered by the end of freeze and lease: what is on top may go first. */
  readonly #heap = new ExpiryHeap<Entry>()
  readonly #overflow = new Map<string, Entry>()
  readonly #marks: RecentMap<true>

  constructor(clock: Clock, maxEntries: number) {
    this.#clock = clock
    this.#maxEntries = maxEntries
    this.#marks = new RecentMap(clock, maxEntries)
  }

  async reserve(keys: readonly string[], holder: string, leaseMs: number): Promise<Reservation> {
    const now = this.#clock.monotonicMs()
    let frozenUntil = PAST
    let busyUntil = PAST
    let failures = 0
    for (const key of keys) {
      for (const entry of this.#about(key)) {
        frozenUntil = Math.max(frozenUntil, entry.frozenUntil)
        if (entry.holder !== holder) busyUntil = Math.max(busyUntil, entry.leaseEndsAt)
        failures = Math.max(failures, remembered(entry, now))
      }
    }
    if (frozenUntil >= now) return { outcome: 'frozen', forMs: frozenUntil - now }
    if (busyUntil > now) return { outcome: 'busy', forMs: busyUntil - now }

    for (const key of keys) {
      const entry = this.#entryFor(key, now)
      entry.holder = holder
      entry.leaseEndsAt = now + leaseMs
      this.#touched(entry, now)
    }
    return { outcome: 'granted', failures }
  }

  async settle(keys: readonly string[], holder: string, freezeMs: number, trace?: FailureTrace): Promise<void> {
    const now = this.#clock.monotonicMs()
    for (const key of keys) {
      const held = this.#about(key).find((entry) => entry.holder === holder)
      const owns = held !== undefined && held.leaseEndsAt > now
      if (held !== undefined) endLease(held)
      const entry = held ?? (freezeMs > 0 ? this.#entryFor(key, now) : undefined)
      if (entry === undefined) continue
      if (owns || freezeMs > 0) remember(entry, now, owns, trace)
      freeze(entry, now, freezeMs, trace)
      this.#touched(entry, now)
    }
  }

  async mark(key: string, forMs: number): Promise<void> {
    this.#marks.set(key, true, forMs)
  }

  async isMarked(key: string): Promise<boolean> {
    return this.#marks.get(key) === true
  }

  async list(limit: number): Promise<readonly StoredFreeze[]> {
    const now = this.#clock.monotonicMs()
    return [...this.#entries.values(), ...this.#overflow.values()]
      .filter((entry) => entry.frozenUntil >= now)
      .sort((a, b) => b.frozenUntil - a.frozenUntil)
      .slice(0, limit)
      .map(({ key, frozenAt, frozenUntil, failures, source }) => ({
        key,
        sinceMs: now - frozenAt,
        forMs: frozenUntil - now,
        failures,
        source,
      }))
  }

  async clear(keys: readonly string[]): Promise<void> {
    const now = this.#clock.monotonicMs()
    for (const key of keys) {
      const bucket = this.#overflow.get(key)
      for (const entry of bucket === undefined ? this.#about(key) : [bucket]) {
        entry.frozenUntil = PAST
        entry.failures = 0
        entry.forgetAt = PAST
        this.#touched(entry, now)
      }
    }
  }

  /** The key's own entry, and the bucket it was folded into. */
  #about(key: string): readonly Entry[] {
    const own = this.#entries.get(key)
    const shared = this.#overflow.size === 0 ? undefined : this.#overflow.get(bucketOf(key))
    if (shared === undefined) return own === undefined ? [] : [own]
    return own === undefined ? [shared] : [own, shared]
  }

  #entryFor(key: string, now: number): Entry {
    const known = this.#entries.get(key)
    if (known !== undefined) return known
    this.#dropOver(now)
    if (this.#entries.size < this.#maxEntries) {
      const entry = emptyEntry(key)
      this.#entries.set(key, entry)
      this.#heap.add(entry)
      return entry
    }
    const bucket = bucketOf(key)
    const entry = this.#overflow.get(bucket) ?? emptyEntry(bucket)
    this.#overflow.set(bucket, entry)
    return entry
  }

  /** Drops what is over and forgotten, two at a time; in a full table also what is over and remembered. */
  #dropOver(now: number): void {
    for (let dropped = 0; dropped < 2; dropped += 1) {
      const oldest = this.#heap.top
      if (oldest === undefined || oldest.dueAt >= now) return
      if (oldest.forgetAt > now && this.#entries.size < this.#maxEntries) return
      this.#drop(oldest)
    }
  }

  /** Puts an entry where its times belong, or drops it when nothing is left to keep. */
  #touched(entry: Entry, now: number): void {
    const isOver = entry.frozenUntil < now && entry.leaseEndsAt <= now && entry.forgetAt <= now
    if (entry.slot < 0) {
      if (isOver) this.#overflow.delete(entry.key)
      return
    }
    if (isOver) {
      this.#drop(entry)
      return
    }
    entry.dueAt = Math.max(entry.frozenUntil, entry.leaseEndsAt)
    this.#heap.moved(entry)
  }

  #drop(entry: Entry): void {
    this.#heap.remove(entry)
    this.#entries.delete(entry.key)
  }
}

const emptyEntry = (key: string): Entry => ({
  key,
  slot: -1,
  // Most are due last of all, so in the heap they need not move.
  dueAt: Number.POSITIVE_INFINITY,
  holder: '',
  leaseEndsAt: PAST,
  frozenAt: PAST,
  frozenUntil: PAST,
  failures: 0,
  forgetAt: PAST,
  source: '',
})

function endLease(entry: Entry): void {
  entry.holder = ''
  entry.leaseEndsAt = PAST
}

const remembered = (entry: Entry, now: number): number => (entry.forgetAt > now ? entry.failures : 0)

function remember(entry: Entry, now: number, owns: boolean, trace: FailureTrace | undefined): void {
  const isBucket = entry.slot < 0
  if (trace === undefined || isBucket || (!owns && trace.failures <= remembered(entry, now))) return
  entry.failures = trace.failures
  entry.forgetAt = trace.failures > 0 ? now + trace.rememberMs : PAST
}

function freeze(entry: Entry, now: number, freezeMs: number, trace: FailureTrace | undefined): void {
  if (freezeMs <= 0 || now + freezeMs <= entry.frozenUntil) return
  entry.frozenAt = now
  entry.frozenUntil = now + freezeMs
  entry.source = trace?.source ?? ''
}

/** Keys are digests, so their first characters are spread evenly. */
const bucketOf = (key: string): string => {
  let number = 0
  for (let at = 0; at < 4; at += 1) number = (number * 31 + (key.charCodeAt(at) || 0)) % OVERFLOW_BUCKETS
  return `overflow:${number}`
}
