import {
  type Action,
  BackendUnavailableError,
  formatResource,
  type Resource,
  type SecurityContext,
} from '@lockkeeper/core'

/** What a {@link policyContext} was asked, such as `pull repository:team/app`. */
export type Questions = string[]

/** A context that allows exactly the listed questions, and remembers what it was asked. */
export function policyContext(
  allowed: readonly string[],
  options: { username?: string; denial?: string } = {},
): SecurityContext & { readonly asked: Questions } {
  const asked: Questions = []
  const { username = 'alice', denial } = options
  const isAllowed = (action: Action, resource: Resource) => allowed.includes(`${action} ${formatResource(resource)}`)
  return {
    kind: username === '' ? 'anonymous' : 'local',
    isAuthenticated: username !== '',
    username,
    isSysAdmin: false,
    isSolutionUser: false,
    asked,
    async can(action, resource) {
      asked.push(`${action} ${formatResource(resource)}`)
      return isAllowed(action, resource)
    },
    async explain(action, resource) {
      return isAllowed(action, resource)
        ? { allowed: true, rule: 'listed', reason: 'the test says so' }
        : { allowed: false, rule: 'default-deny', reason: 'nothing allows it', ...(denial !== undefined && { denial }) }
    },
  }
}

/** Nobody in particular, who may do the listed things. */
export const anonymousContext = (allowed: readonly string[] = []) => policyContext(allowed, { username: '' })

/** A context that may do everything there is. */
export function adminContext(): SecurityContext {
  const decision = { allowed: true, rule: 'sysadmin', reason: 'administrators may do everything' }
  return {
    ...policyContext([], { username: 'admin' }),
    isSysAdmin: true,
    can: async () => true,
    explain: async () => decision,
  }
}

/** A context whose roles cannot be read. */
export function brokenContext(): SecurityContext {
  const fail = () => Promise.reject(new BackendUnavailableError('database', 'connection refused'))
  return { ...policyContext([]), can: fail, explain: fail }
}
