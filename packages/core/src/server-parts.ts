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

/** What the server tells a function that makes an auth mode, beside the options of the mode: `authMode` of a plugin. */
export interface AuthModeContext {
  /** The key that the mode is wanted under: `file_auth`, or `file_auth/emea` for a second instance. */
  readonly mode: string
  /** The folder of the configuration file, which paths in it are relative to. */
  readonly folder: string
  /** Tells the operator. */
  warn(message: string): void
}
