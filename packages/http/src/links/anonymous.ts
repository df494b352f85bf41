import { anonymousContext, type Policy, type ProjectManager } from '@lockkeeper/rbac'
import type { ChainLink } from '../chain-link.ts'

/** What {@link anonymousLink} is made of. */
export interface AnonymousLinkParts {
  readonly projects: ProjectManager
  /** What everybody may do; Harbor's by default. */
  readonly policy?: Policy
}

/** Lets those in who presented nothing. Leave it out of the chain, and everybody has to log in. */
export function anonymousLink({ projects, policy }: AnonymousLinkParts): ChainLink {
  return {
    name: 'anonymous',
    async generate({ presented }) {
      // Whoever presented something wrong is not nobody: that is a refusal, and somebody else's to say.
      if (presented.kind !== 'none') return { outcome: 'abstained' }
      return { outcome: 'context', context: anonymousContext(projects, policy) }
    },
  }
}
