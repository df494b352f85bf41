import { type AuditSink, BackendUnavailableError, systemClock } from '@lockkeeper/core'
import type { Backend } from '@lockkeeper/http'
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
  /** What `/readyz` asks of a shared store; absent where nothing is shared. */
  readonly backend?: Backend
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
  const settings = place.settings.lockout
  const { keepVerifiedSeconds, sourceFailuresPerMinute, sprayFailuresPerMinute, refuseStrangersDuringSpray } = settings
  const { store, close } = await openLockoutStore(place, stores, onEvent)
  const lockout = createLockout({
    store,
    policy: lockoutPolicy(settings),
    keepVerifiedSeconds,
    sourceFailuresPerMinute,
    sprayFailuresPerMinute,
    refuseStrangersDuringSpray,
    onEvent,
  })
  const backend: Backend = {
    name: 'lockout',
    // Where all processes have lost one store, taking each of them away from its clients would be the greater outage.
    optional: settings.whenStoreLost !== 'deny',
    async ping() {
      // Asked as logins ask it, so that nobody has to log in before it is found to be back.
      await store.list(1)
      if (lost !== undefined) throw new BackendUnavailableError('lockout', lost)
    },
  }
  return { lockout, lost: () => lost, ...(settings.store !== 'memory' && { backend }), close }
}
