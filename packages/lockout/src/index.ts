export type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from './lockout-store.ts'
