import type { Step } from './ask.ts'
import type { Door } from './audit.ts'
import type { PasswordCredentials } from './basic.ts'
import type { Connection } from './route.ts'
import type { SecurityContext } from './security-context.ts'

/** What a request presented to say who is asking: decoded, and not yet believed. */
export type Presented =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'password' } & PasswordCredentials)
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'cookie'; readonly value: string }
  /** Something was presented that cannot be right; it is refused, never taken for nothing. */
  | { readonly kind: 'unusable' }

/** What a link sees of a request. */
export interface ChainRequest {
  /** For headers and method; whatever credential it carries was parsed into `presented`, and the body may be read. */
  readonly request: Request
  readonly path: string
  /** The client's address, as far as listed proxies say it. */
  readonly source: string
  /** The socket itself: whoever is on its other end, a proxy perhaps. */
  readonly connection: Connection
  readonly requestId: string
  readonly door: Door
  readonly presented: Presented
}

/** What a link found. Anything else, such as a backend that is down, is thrown. */
export type LinkResult<Projects = never> =
  | {
      readonly outcome: 'context'
      readonly context: SecurityContext
      /** Projects as this caller sees them, where that differs from the usual ones. */
      readonly projects?: Projects
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
export interface ChainLink<Projects = never> {
  /** Unique in the chain: `basic`, `anonymous`, `robot`. */
  readonly name: string
  /** @throws {BackendUnavailableError} when it cannot tell. Any other throw counts as the same: 503, no next link. */
  generate(request: ChainRequest): Promise<LinkResult<Projects>>
}
