import { randomBytes } from 'node:crypto'
import type { FailureTrace, LockoutStore, Reservation } from '@lockkeeper/lockout'

/** A lockout store, and how its time passes. */
export interface LockoutStoreUnderTest {
  readonly store: LockoutStore
  /** Lets `ms` milliseconds pass on the clock that the store measures with. */
  advance(ms: number): Promise<void>
}

/** What the contract needs to know of a lockout store. */
export interface LockoutStoreSamples {
  /** Makes a store for each rule: empty, or one whose other entries are not seen, such as under a prefix of its own. */
  make(): LockoutStoreUnderTest | Promise<LockoutStoreUnderTest>
  /**
   * How much later than told `advance` and an answer of the store may be together, in milliseconds; 0 by default, which
   * holds for a fake clock. 200 suits a store that measures with the clock of a server nearby; at most 300.
   */
  readonly toleranceMs?: number
}

/** Two keys and three holders of a store that nobody has used. */
export interface StoreUnderTest extends LockoutStoreUnderTest {
  readonly a: string
  readonly b: string
  readonly one: string
  readonly two: string
  readonly three: string
  readonly toleranceMs: number
  /** Passes nearly `ms` milliseconds: what began just now and lasts so long has not ended. */
  passNearly(ms: number): Promise<void>
  /** Passes so much more that it has. */
  passTheRest(): Promise<void>
  /** What a stranger who asks for these keys is told; frees them again. */
  state(...keys: readonly string[]): Promise<Reservation['outcome']>
  /** Freezes a key, as a refusal does. */
  freeze(key: string, freezeMs: number, trace?: FailureTrace): Promise<void>
}

/** Longer than any rule takes. */
export const LONG_MS = 60_000

export async function storeUnderTest({ make, toleranceMs = 0 }: LockoutStoreSamples): Promise<StoreUnderTest> {
  const { store, advance } = await make()
  return {
    store,
    advance,
    toleranceMs,
    a: digest(),
    b: digest(),
    one: digest(),
    two: digest(),
    three: digest(),
    passNearly: (ms) => advance(ms - toleranceMs - 1),
    passTheRest: () => advance(toleranceMs * 2 + 2),
    async state(...keys) {
      const stranger = digest()
      const { outcome } = await store.reserve(keys, stranger, LONG_MS)
      if (outcome === 'granted') await store.settle(keys, stranger, 0)
      return outcome
    },
    async freeze(key, freezeMs, trace) {
      const holder = digest()
      await store.reserve([key], holder, LONG_MS)
      await store.settle([key], holder, freezeMs, trace)
    },
  }
}

/** Keys and holders are digests: 43 characters of base64url. */
export const digest = (): string => randomBytes(32).toString('base64url')
