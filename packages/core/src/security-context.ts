import type { Action, Resource } from './resource.ts'

/** A yes or a no, and the rule that says so. */
export interface Decision {
  readonly allowed: boolean
  /** Stable name of the rule that decided: `role:developer`, `public`, `sysadmin`, `token`, `default-deny`. */
  readonly rule: string
  /** One sentence for the operator. */
  readonly reason: string
  /** A sentence that the author of a policy wrote for the person who was denied. */
  readonly denial?: string
}

/** Who is asking, and what they may do. Built once per request, read-only. */
export interface SecurityContext {
  /** `anonymous`, `local`, `robot`, `secret`, `registry-token` or a kind of your own. */
  readonly kind: string
  readonly isAuthenticated: boolean
  /** The stored name; empty when anonymous. It becomes the `sub` of a token. */
  readonly username: string
  readonly accountId?: number
  readonly isSysAdmin: boolean
  /** Acts for the deployment itself, not for a person. */
  readonly isSolutionUser: boolean
  /** @throws {BackendUnavailableError} when roles cannot be read. */
  can(action: Action, resource: Resource): Promise<boolean>
  /** The same evaluation as `can`, with its reason. */
  explain(action: Action, resource: Resource): Promise<Decision>
}
