import { localContext, type Policy, type ProjectManager } from '@lockkeeper/rbac'
import type { ChainLink } from '../chain-link.ts'
import { isFromOwnOrigin } from '../web/own-origin.ts'
import type { Sessions } from '../web/sessions.ts'

/** What {@link sessionLink} is made of. */
export interface SessionLinkParts {
  readonly sessions: Sessions
  readonly projects: ProjectManager
  /** `https://auth.example.com`: whose pages may change something. */
  readonly ownOrigin: string
  /** What roles may do; Harbor's by default. */
  readonly policy?: Policy
}

/** Changes nothing, whoever sends it. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Knows people by their session. Name its cookie, `SESSION_COOKIE`, to the chain as `sessionCookie`. */
export function sessionLink({ sessions, projects, ownOrigin, policy }: SessionLinkParts): ChainLink {
  return {
    name: 'session',
    async generate({ presented, request }) {
      if (presented.kind !== 'cookie') return { outcome: 'abstained' }
      // A cookie comes with whatever a browser sends here, also for a page of somebody else.
      if (!SAFE_METHODS.has(request.method) && !isFromOwnOrigin(request.headers, ownOrigin)) {
        return { outcome: 'rejected', reason: 'foreign_origin' }
      }
      const signedIn = await sessions.find(presented.value)
      if (!signedIn) return { outcome: 'rejected', reason: 'session_unknown' }
      const { account } = signedIn
      return { outcome: 'context', context: localContext({ account, projects, ...(policy && { policy }) }) }
    },
  }
}
