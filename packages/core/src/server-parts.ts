import type { Account, AccountDirectory } from './accounts.ts'
import type { AuditSink } from './audit.ts'
import type { Clock } from './clock.ts'
import type { Lockout } from './lockout.ts'
import type { SecurityContext } from './security-context.ts'

/** What a server lends to the links and routes that an auth mode brings. */
export interface ServerParts {
  readonly lockout: Lockout
  readonly accounts: AccountDirectory
  readonly clock: Clock
  readonly audit: AuditSink
  /** What somebody who was let in may do, for the rest of the request. */
  contextOf(account: Account): SecurityContext
}
