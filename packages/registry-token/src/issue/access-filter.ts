import type { Action, Resource } from '@lockkeeper/core'
import type { RepositoryNames } from './repository-names.ts'

/** What a security context is asked before an action is granted. */
export interface PolicyQuestion {
  readonly action: Action
  readonly resource: Resource
}

/**
 * Translates what clients ask for, for one type of resource, into questions to the policy. A filter cannot grant
 * anything by itself: what it has no question for is granted to nobody, everything else by the security context.
 */
export interface AccessFilter {
  /** The actions that a requested `*` stands for. Without it, `*` is an action like any other. */
  readonly wildcard?: readonly string[]
  /** The question that decides about `action` on `name`; `undefined` for an action or a name that nobody has. */
  question(name: string, action: string): PolicyQuestion | undefined
}

const REPOSITORY_ACTIONS = ['pull', 'push', 'delete', 'scanner-pull'] as const

/**
 * The filter for type `repository`. `*` stands for what a registry can be asked to do: pull, push and delete.
 * `scanner-pull` is a word of the policy and must be asked for by name.
 */
export function repositoryAccess(names: RepositoryNames): AccessFilter {
  return {
    wildcard: ['pull', 'push', 'delete'],
    question(name, asked) {
      const resource = names(name)
      const action = REPOSITORY_ACTIONS.find((known) => known === asked)
      return resource && action && { action, resource }
    },
  }
}

/** The filter for type `registry`: `registry:catalog:*` is for those who may read the catalogue of the whole system. */
export const catalogAccess: AccessFilter = {
  question: (name, asked) =>
    name === 'catalog' && asked === '*' ? { action: 'read', resource: { kind: 'system', part: 'catalog' } } : undefined,
}
