import { type AuditSink, systemClock } from '@lockkeeper/core'
import { auditLockout, createLockout, type FrozenDelay } from '@lockkeeper/lockout'
import type { Settings } from '../config/schema.ts'
import type { Stores } from '../stores.ts'
import { openLockoutStore } from './open-lockout-store.ts'
import { lockoutPolicy } from './policy.ts'

/** The lockout of a server. */
export interface OpenLockout {
  readonly lockout: FrozenDelay
  close(): Promise<void>
}

/** Makes the lockout that is configured. @throws {ConfigurationError} */
export async function openLockout(settings: Settings, stores: Stores, audit: AuditSink): Promise<OpenLockout> {
  const onEvent = auditLockout(audit, systemClock)
  const { keepVerifiedSeconds, sourceFailuresPerMinute, sprayFailuresPerMinute, refuseStrangersDuringSpray } =
    settings.lockout
  const { store, close } = await openLockoutStore(settings, stores, onEvent)
  const lockout = createLockout({
    store,
    policy: lockoutPolicy(settings.lockout),
    keepVerifiedSeconds,
    sourceFailuresPerMinute,
    sprayFailuresPerMinute,
    refuseStrangersDuringSpray,
    onEvent,
  })
  return { lockout, close }
}
