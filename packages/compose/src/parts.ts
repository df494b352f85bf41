import type {
  AccountDirectory,
  AccountStore,
  AuditSink,
  AuthModeRegistry,
  Clock,
  Lockout,
  Login,
} from '@lockkeeper/core'
import type { Chain, Handler } from '@lockkeeper/http'
import type { LockoutStore } from '@lockkeeper/lockout'
import type { Policy, ProjectManager } from '@lockkeeper/rbac'
import type { AccessController, TokenService } from '@lockkeeper/registry-token'

/** What a token server is made of. Each part can be handed in, registered in a container, or left to its default. */
export interface Parts {
  readonly clock: Clock
  readonly audit: AuditSink
  readonly lockoutStore: LockoutStore
  readonly lockout: Lockout
  readonly accountStore: AccountStore
  readonly accounts: AccountDirectory
  readonly projects: ProjectManager
  /** What roles may do; links of your own take it too, or people would have other rights by them. */
  readonly policy: Policy
  readonly modes: AuthModeRegistry
  readonly login: Login
  readonly chain: Chain
  readonly tokens: TokenService
  /** Guards `/v2/` of the server itself. */
  readonly access: AccessController
  readonly handler: Handler
}
