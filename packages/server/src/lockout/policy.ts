import { type Escalation, escalating, flat, type Lanes, type LockoutPolicy, ownerSafe } from '@lockkeeper/lockout'

/** What the section `lockout` says of it. */
export interface PolicySettings {
  readonly policy: 'flat' | 'escalating' | 'ownerSafe'
  readonly freezeMs: number
  readonly escalation?: Partial<Escalation>
  readonly ownerSafe?: Partial<Lanes>
}

/** The policy that is configured. @throws {ConfigurationError} */
export function lockoutPolicy({ policy, freezeMs, escalation, ownerSafe: lanes }: PolicySettings): LockoutPolicy {
  switch (policy) {
    case 'flat':
      return flat({ freezeMs })
    case 'escalating':
      return escalating({ freezeMs, ...escalation })
    case 'ownerSafe':
      return ownerSafe({ freezeMs, ...lanes, ...(escalation && { escalation }) })
  }
}
