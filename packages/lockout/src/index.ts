export type { LockoutCounters } from './counters.ts'
export { auditLockout, type LockoutEvent, type LockoutListener } from './events.ts'
export { type LockSubject, lockKey } from './keys.ts'
export { createLockout, type FrozenDelay } from './lockout.ts'
export type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from './lockout-store.ts'
export type { Lock, LocksQuery, LoginQuestion } from './locks.ts'
export { networkOf } from './network.ts'
export type { LockoutOptions } from './options.ts'
export {
  type Escalation,
  escalating,
  flat,
  freezeAfter,
  type Lanes,
  type LockoutPolicy,
  ownerSafe,
} from './policies.ts'
export { type MemoryLockoutStoreOptions, memoryLockoutStore } from './stores/memory-lockout-store.ts'
export { type RedisLockoutStoreOptions, type RedisScripting, redisLockoutStore } from './stores/redis-lockout-store.ts'
export { type FallbackOptions, withFallback } from './stores/with-fallback.ts'
