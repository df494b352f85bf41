import { type AuditSink, systemClock } from '@lockkeeper/core'
import { auditLockout, createLockout, type FrozenDelay } from '@lockkeeper/lockout'
import type { LoadedSettings } from '../config/load.ts'
import type { Stores } from '../stores.ts'
import { openLockoutStore } from './open-lockout-store.ts'
import { lockoutPolicy } from './policy.ts'

/** The lockout of a server. */
export interface OpenLockout {
  readonly lockout: FrozenDelay
  close(): Promise<void>
}

/** Makes the lockout that is configured. @throws {ConfigurationError} */
export async function openLockout(place: LoadedSettings, stores: Stores, audit: AuditSink): Promise<OpenLockout> {
  const onEvent = auditLockout(audit, systemClock)
  const { keepVerifiedSeconds, sourceFailuresPerMinute, sprayFailuresPerMinute, refuseStrangersDuringSpray } =
    place.settings.lockout
  const { store, close } = await openLockoutStore(place, stores, onEvent)
  const lockout = createLockout({
    store,
    policy: lockoutPolicy(place.settings.lockout),
    keepVerifiedSeconds,
    sourceFailuresPerMinute,
    sprayFailuresPerMinute,
    refuseStrangersDuringSpray,
    onEvent,
  })
  return { lockout, close }
}
