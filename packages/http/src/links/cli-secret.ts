import { type ChainRequest, isCliSecret, type SecretLogin } from '@lockkeeper/core'
import { localContext, type Policy, type ProjectManager } from '@lockkeeper/rbac'
import type { ChainLink } from '../chain-link.ts'

/** What {@link cliSecretLink} is made of. */
export interface CliSecretLinkParts {
  readonly login: SecretLogin
  readonly projects: ProjectManager
  /** What roles may do; Harbor's by default. */
  readonly policy?: Policy
}

/** Where a browser becomes somebody: a secret that leaked must not make others. */
const BROWSER_DOORS: ReadonlySet<string> = new Set(['login-form'])

/**
 * Lets people in with their user name and a secret that they made for the command line, from Basic or from the password
 * grant. It claims whatever has the form of such a secret, wherever that stands, so that no later link and no directory
 * behind one ever sees it: put it before `basic`.
 */
export function cliSecretLink({ login, projects, policy }: CliSecretLinkParts): ChainLink {
  return {
    name: 'cli-secret',
    async generate({ presented, source, door, requestId }) {
      if (!textsIn(presented).some(isCliSecret)) return { outcome: 'abstained' }
      // A name that cannot be one is refused like a wrong secret: recorded, and held as long.
      const { username, password } = isInPlace(presented, door) ? presented : { username: '', password: '' }
      const result = await login({ username, password, source, door, requestId })
      if (result.outcome === 'rejected') return result
      const { account, steps } = result
      return { outcome: 'context', context: localContext({ account, projects, ...(policy && { policy }) }), steps }
    },
  }
}

type Presented = ChainRequest['presented']

function textsIn(presented: Presented): readonly string[] {
  switch (presented.kind) {
    case 'password':
      return [presented.password, presented.username]
    case 'bearer':
      return [presented.token]
    case 'secret':
      return [presented.secret]
    default:
      return []
  }
}

const isInPlace = (presented: Presented, door: string): presented is Presented & { readonly kind: 'password' } =>
  presented.kind === 'password' && !isCliSecret(presented.username) && !BROWSER_DOORS.has(door)
