import { type AuditSink, systemClock } from '@lockkeeper/core'
import { auditLockout, createLockout, type FrozenDelay, type LockoutListener } from '@lockkeeper/lockout'
import type { LoadedSettings } from '../config/load.ts'
import type { Stores } from '../stores.ts'
import { openLockoutStore } from './open-lockout-store.ts'
import { lockoutPolicy } from './policy.ts'

/** The lockout of a server. */
export interface OpenLockout {
  readonly lockout: FrozenDelay
  /** What is wrong with a shared store that does not answer now. */
  lost(): string | undefined
  close(): Promise<void>
}

/** Makes the lockout that is configured. @throws {ConfigurationError} */
export async function openLockout(place: LoadedSettings, stores: Stores, audit: AuditSink): Promise<OpenLockout> {
  const tellAudit = auditLockout(audit, systemClock)
  let lost: string | undefined
  const onEvent: LockoutListener = (event) => {
    if (event.type === 'store_lost') lost = event.message
    if (event.type === 'store_back') lost = undefined
    tellAudit(event)
  }
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
  return { lockout, lost: () => lost, close }
}
