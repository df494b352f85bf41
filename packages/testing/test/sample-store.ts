import type { Clock } from '@lockkeeper/core'
import type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from '@lockkeeper/lockout'

/** What the sample store keeps of one key. */
export interface Entry {
  holder: string
  leaseEndsAt: number
  frozenAt: number
  /** The last frozen instant. */
  frozenUntil: number
  failures: number
  rememberedUntil: number
  source: string
}

/** The plainest store that keeps the rules; its small methods are there to be broken one by one. */
export class SampleStore implements LockoutStore {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly entries = new Map<string, Entry>()
  readonly marks = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.clock = clock
  }

  get now(): number {
    return this.clock.monotonicMs()
  }

  async reserve(keys: readonly string[], holder: string, leaseMs: number): Promise<Reservation> {
    const entries = keys.map((key) => this.entry(key))
    const frozenFor = Math.max(...entries.map((entry) => entry.frozenUntil - this.now))
    if (frozenFor >= 0) return { outcome: 'frozen', forMs: frozenFor }
    const busyFor = Math.max(...entries.map((entry) => (entry.holder === holder ? 0 : entry.leaseEndsAt - this.now)))
    if (busyFor > 0) return { outcome: 'busy', forMs: busyFor }
    for (const entry of entries) Object.assign(entry, { holder, leaseEndsAt: this.now + leaseMs })
    return { outcome: 'granted', failures: Math.max(...entries.map((entry) => this.remembered(entry))) }
  }

  async settle(keys: readonly string[], holder: string, freezeMs: number, trace?: FailureTrace): Promise<void> {
    for (const key of keys) {
      const entry = this.entry(key)
      const owns = entry.holder === holder && entry.leaseEndsAt > this.now
      if (entry.holder === holder) entry.leaseEndsAt = this.now
      if (trace) this.remember(entry, freezeMs, trace, owns)
      if (freezeMs > 0) this.freeze(entry, freezeMs)
    }
  }

  remembered({ failures, rememberedUntil }: Entry): number {
    return rememberedUntil >= this.now ? failures : 0
  }

  remember(entry: Entry, freezeMs: number, { failures, rememberMs, source }: FailureTrace, owns: boolean): void {
    if (!owns && failures <= this.remembered(entry)) return
    Object.assign(entry, { failures, source, rememberedUntil: this.now + Math.max(rememberMs, freezeMs) })
  }

  freeze(entry: Entry, freezeMs: number): void {
    if (this.now + freezeMs <= entry.frozenUntil) return
    Object.assign(entry, { frozenAt: this.now, frozenUntil: this.now + freezeMs })
  }

  async mark(key: string, forMs: number): Promise<void> {
    this.marks.set(key, this.now + forMs)
  }

  async isMarked(key: string): Promise<boolean> {
    return (this.marks.get(key) ?? 0) > this.now
  }

  async list(limit: number): Promise<readonly StoredFreeze[]> {
    const frozen = [...this.entries].filter(([, entry]) => entry.frozenUntil >= this.now)
    return frozen
      .sort(([, a], [, b]) => b.frozenUntil - a.frozenUntil)
      .slice(0, limit)
      .map(([key, { frozenAt, frozenUntil, failures, source }]) => ({
        key,
        sinceMs: this.now - frozenAt,
        forMs: frozenUntil - this.now,
        failures,
        source,
      }))
  }

  async clear(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      Object.assign(this.entry(key), { frozenUntil: -1, failures: 0, rememberedUntil: -1, source: '' })
    }
  }

  entry(key: string): Entry {
    const known = this.entries.get(key)
    if (known) return known
    const entry = {
      holder: '',
      leaseEndsAt: -1,
      frozenAt: -1,
      frozenUntil: -1,
      failures: 0,
      rememberedUntil: -1,
      source: '',
    }
    this.entries.set(key, entry)
    return entry
  }
}
