import type { Door, SecurityContext, Step } from '@lockkeeper/core'
import type { ProjectManager } from '@lockkeeper/rbac'
import type { Presented } from './presented.ts'

/** What a link sees of a request. */
export interface ChainRequest {
  /** For headers and method; whatever credential it carries was parsed into `presented`, and the body may be read. */
  readonly request: Request
  readonly path: string
  readonly source: string
  readonly requestId: string
  readonly door: Door
  readonly presented: Presented
}

/** What a link found. Anything else, such as a backend that is down, is thrown. */
export type LinkResult =
  | {
      readonly outcome: 'context'
      readonly context: SecurityContext
      /** Projects as this caller sees them, where that differs from the usual ones. */
      readonly projects?: ProjectManager
      readonly steps?: readonly Step[]
    }
  | {
      readonly outcome: 'rejected'
      /** For the operator. */
      readonly reason: string
      /** Monotonic milliseconds before which the answer must not leave. */
      readonly answerAt?: number
      readonly steps?: readonly Step[]
    }
  | { readonly outcome: 'abstained' }

/**
 * One link of the security chain. It claims a request by the form, name or row of what was presented, never by trying
 * a secret; what it claimed it decides, and records in the audit.
 */
export interface ChainLink {
  /** Unique in the chain: `basic`, `anonymous`, `robot`. */
  readonly name: string
  /** @throws {BackendUnavailableError} when it cannot tell. Any other throw counts as the same: 503, no next link. */
  generate(request: ChainRequest): Promise<LinkResult>
}
