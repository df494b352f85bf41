import type { Login } from '@lockkeeper/core'
import { localContext, type Policy, type ProjectManager } from '@lockkeeper/rbac'
import type { ChainLink } from '../chain-link.ts'

/** What {@link basicLink} is made of. */
export interface BasicLinkParts {
  readonly login: Login
  readonly projects: ProjectManager
  /** What roles may do; Harbor's by default. */
  readonly policy?: Policy
}

/**
 * Logs people in with a name and a password, from Basic or from the password grant. Every password is its own: put links
 * that know secrets by their form before it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617 | RFC 7617}
 */
export function basicLink({ login, projects, policy }: BasicLinkParts): ChainLink {
  return {
    name: 'basic',
    async generate({ presented, source, door, requestId }) {
      if (presented.kind !== 'password') return { outcome: 'abstained' }
      const { username, password } = presented
      const result = await login({ username, password, source, door, requestId })
      if (result.outcome === 'rejected') return result
      const { account, steps } = result
      return { outcome: 'context', context: localContext({ account, projects, ...(policy && { policy }) }), steps }
    },
  }
}
