import type { Action, Resource } from '@lockkeeper/core'

import { type Role, refuseName } from './role.ts'
import { developer } from './roles/developer.ts'
import { guest } from './roles/guest.ts'
import { limitedGuest } from './roles/limited-guest.ts'
import { maintainer } from './roles/maintainer.ts'
import { projectAdmin } from './roles/project-admin.ts'
import type { Subject } from './subject.ts'

/** The five roles that Harbor knows, by id. */
export const PROJECT_ROLES: readonly Role[] = [projectAdmin, developer, guest, maintainer, limitedGuest]

/** What a rule is asked: somebody is about to be allowed this. */
export interface Question {
  readonly subject: Subject
  readonly action: Action
  readonly resource: Resource
}

/** Takes back what a role, a public project or administration grants. It is asked only about what they grant. */
export interface DenyRule {
  /** Letters, digits and hyphens; decisions name it as `rule:<name>`. */
  readonly name: string
  /** Pure and quick. Anything but `false` forbids; what it throws fails the request, which is no yes either. */
  readonly forbids: (question: Question) => boolean
  /** One sentence for the person who was denied: what to do instead, or whom to ask. */
  readonly denial?: string
}

/** The roles there are and the rules above them. */
export interface Policy {
  readonly roles: ReadonlyMap<number, Role>
  readonly rules: readonly DenyRule[]
}

/**
 * Puts a policy together.
 *
 * @param parts.roles In addition to {@link PROJECT_ROLES}.
 * @param parts.rules Asked in order; the first that forbids decides.
 * @throws {TypeError} when two roles share an id or a name, or two rules a name: a decision could not say which one; when a
 * rule's name cannot be one.
 */
export function definePolicy(
  parts: { readonly roles?: readonly Role[]; readonly rules?: readonly DenyRule[] } = {},
): Policy {
  const roles = [...PROJECT_ROLES, ...(parts.roles ?? [])]
  const rules = [...(parts.rules ?? [])]
  for (const { name } of rules) refuseName('rule', name)
  refuseTwins('role id', roles, (role) => String(role.id))
  refuseTwins('role', roles, (role) => role.name)
  refuseTwins('rule', rules, (rule) => rule.name)
  return Object.freeze({ roles: new Map(roles.map((role) => [role.id, role])), rules: Object.freeze(rules) })
}

function refuseTwins<T>(what: string, items: readonly T[], key: (item: T) => string): void {
  const keys = items.map(key)
  const twin = keys.find((name, index) => keys.indexOf(name) !== index)
  if (twin !== undefined) throw new TypeError(`policy: ${what} ${twin} is defined twice`)
}

/** Harbor's roles and no rule above them. */
export const HARBOR_POLICY: Policy = definePolicy()

/** The role that people call by this name, exactly: `developer`, `projectAdmin`, or one of your own. */
export const findRole = (name: string, policy: Policy = HARBOR_POLICY): Role | undefined =>
  [...policy.roles.values()].find((role) => role.name === name)
