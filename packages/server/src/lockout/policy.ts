import { escalating, flat, type LockoutPolicy, ownerSafe } from '@lockkeeper/lockout'
import type { Settings } from '../config/schema.ts'

/** The policy that is configured. */
export function lockoutPolicy({ policy, freezeMs, escalation, ownerSafe: lanes }: Settings['lockout']): LockoutPolicy {
  switch (policy) {
    case 'flat':
      return flat({ freezeMs })
    case 'escalating':
      return escalating({ freezeMs, ...escalation })
    case 'ownerSafe':
      return ownerSafe({ freezeMs, ...lanes, ...(escalation && { escalation }) })
  }
}
