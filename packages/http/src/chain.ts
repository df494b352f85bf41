import {
  type AuditSink,
  BackendUnavailableError,
  type Clock,
  ConfigurationError,
  type Door,
  isBackendUnavailable,
  type Lockout,
  type PasswordCredentials,
  type SecurityContext,
  type Step,
} from '@lockkeeper/core'
import type { ProjectManager } from '@lockkeeper/rbac'
import { recordSafely } from './audit-record.ts'
import type { ChainLink, ChainRequest, LinkResult } from './chain-link.ts'
import { createHold, holdOutage } from './held-answers.ts'
import { type Presented, readPresented } from './presented.ts'
import { isRequestError } from './request-error.ts'
import type { RequestInfo } from './route.ts'

/** What a chain is made of. */
export interface ChainParts {
  /** Asked in this order; the first that does not abstain decides. */
  readonly links: readonly ChainLink[]
  readonly clock: Clock
  readonly audit: AuditSink
  /** Says when a refusal leaves that no link claimed, so that malformed and wrong credentials look alike. */
  readonly lockout: Pick<Lockout, 'heldUntil'>
  /** Refusals held back at one time, 5000 by default; one more is answered with 503 at once. */
  readonly maxHeld?: number
  /** Ends all holds when the server stops. */
  readonly stopSignal?: AbortSignal
  /** Name of the session cookie, where a link reads sessions. */
  readonly sessionCookie?: string
}

/** Where a request knocks. */
export interface Entrance {
  readonly door: Door
  /** Credentials that stood in the body. */
  readonly form?: PasswordCredentials
}

/** Who is asking. What cannot be told is thrown. */
export type Identified =
  | {
      readonly outcome: 'context'
      readonly context: SecurityContext
      /** The link that decided. */
      readonly link: string
      readonly projects?: ProjectManager
      readonly steps: readonly Step[]
    }
  | {
      readonly outcome: 'rejected'
      /** For the operator; a client is told 401 and nothing more. */
      readonly reason: string
      readonly steps: readonly Step[]
    }

/** The security chain: finds out who is asking. */
export interface Chain {
  /**
   * Asks the links in order. A refusal is returned, and an outage thrown, only when it may leave.
   *
   * @throws {RequestError} 400 for two credentials in one request.
   * @throws {BackendUnavailableError} when a link cannot tell, or too many refusals are held back.
   */
  identify(request: Request, info: RequestInfo, entrance: Entrance): Promise<Identified>
}

/**
 * Puts links in order. A credential that was presented and refused, or that no link claimed, ends the request: it is
 * never dropped to the next link, to a cookie or to anonymous.
 *
 * @throws {ConfigurationError} when there is no link, or two have one name.
 */
export function createChain(parts: ChainParts): Chain {
  const { links, clock, audit, lockout, sessionCookie } = parts
  checkNames(links)
  const hold = createHold({ maxHeld: 5000, ...parts })

  return {
    async identify(request, info, { door, form }) {
      const arrivedAt = clock.monotonicMs()
      const { path, source, connection, requestId } = info
      const presented = readPresented(request.headers, {
        ...(form && { form }),
        ...(sessionCookie && { sessionCookie }),
      })
      const steps: Step[] = []

      for (const link of links) {
        const question = { request, path, source, connection, requestId, door, presented }
        const result = await holdOutage(hold, () => ask(link, question))
        if ('steps' in result && result.steps) steps.push(...result.steps)
        steps.push({ name: link.name, outcome: result.outcome })
        if (result.outcome === 'abstained') continue
        if (result.outcome === 'context') return { ...result, link: link.name, steps }
        if (result.answerAt !== undefined) await hold(result.answerAt)
        return { outcome: 'rejected', reason: result.reason, steps }
      }

      const reason = reasonUnclaimed(presented)
      // Without a credential nothing was tried: there is no attempt to record, and no guess to slow down.
      if (presented.kind === 'none') return { outcome: 'rejected', reason, steps }
      recordSafely(audit, clock, { type: 'login', outcome: 'rejected', reason, door, source, requestId })
      await hold(lockout.heldUntil(arrivedAt))
      return { outcome: 'rejected', reason, steps }
    },
  }
}

async function ask(link: ChainLink, question: ChainRequest): Promise<LinkResult> {
  try {
    const result = await link.generate(question)
    if (OUTCOMES.has(result.outcome)) return result
    throw new TypeError('a link answers with context, rejected or abstained')
  } catch (error) {
    if (isBackendUnavailable(error) || isRequestError(error)) throw error
    throw new BackendUnavailableError(`chain link ${link.name}`, 'failed unexpectedly', { cause: error })
  }
}

const OUTCOMES: ReadonlySet<string> = new Set(['context', 'rejected', 'abstained'])

const reasonUnclaimed = ({ kind }: Presented): string =>
  kind === 'none' ? 'no_credentials' : kind === 'unusable' ? 'malformed' : `${kind}_not_accepted`

function checkNames(links: readonly ChainLink[]): void {
  const names = links.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new ConfigurationError('chain', [{ path: twice, message: 'is the name of two links' }])
  if (names.length === 0) throw new ConfigurationError('chain', [{ path: '', message: 'needs at least one link' }])
}
