import type { LockoutStore, Reservation } from '@lockkeeper/lockout'
import type { SampleStore } from './sample-store.ts'

/** Breaks a store that keeps the rules. */
export type BreakStore = (store: SampleStore) => void

/** A fault, and the one rule that it breaks. */
export type Fault = readonly [rule: string, what: string, breakIt: BreakStore]

/** The method that most faults are in. */
export type Reserve = LockoutStore['reserve']
type Settle = LockoutStore['settle']

/** Puts a faulty `reserve` around the store's own. */
export const reserving =
  (change: (store: SampleStore, own: Reserve, ...args: Parameters<Reserve>) => Promise<Reservation>): BreakStore =>
  (store) => {
    const own = store.reserve.bind(store)
    store.reserve = (...args) => change(store, own, ...args)
  }

/** Lets `reserve` answer something else. */
export const answering = (change: (answer: Reservation, store: SampleStore, keys: readonly string[]) => Reservation) =>
  reserving(async (store, own, ...args) => change(await own(...args), store, args[0]))

/** Puts a faulty `settle` around the store's own. */
export const settling =
  (change: (store: SampleStore, own: Settle, ...args: Parameters<Settle>) => Promise<void>): BreakStore =>
  (store) => {
    const own = store.settle.bind(store)
    store.settle = (...args) => change(store, own, ...args)
  }
