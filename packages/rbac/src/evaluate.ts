import { ACTIONS, type Action, type Decision, isAction, isRepositoryName, type Resource } from '@lockkeeper/core'
import { isProjectPart, PROJECT_PARTS, type ProjectPart, SYSTEM_PARTS } from './parts.ts'
import { HARBOR_POLICY, type Policy } from './policy.ts'
import { publicRights } from './roles/public.ts'
import { isForScannersOnly, systemActions, systemAllows } from './roles/system.ts'
import type { Standing, Subject } from './subject.ts'

/**
 * Decides one question. Pure and total: an unknown action, part, role or kind of resource is a no, and so is everything
 * in a project that does not exist. What grants it is looked for in this order, and named as the decision's rule:
 *
 * 1. `sysadmin`: everything but `scanner-pull` in every project, and all there is to do with the deployment;
 * 2. `role:<name>`: the union of all their roles in the project;
 * 3. `public`: what everybody may do in a public project.
 *
 * Then a rule of the policy may take it back, from administrators too: `rule:<name>`. Else it is `default-deny`.
 */
export function evaluate(
  subject: Subject,
  action: Action,
  resource: Resource,
  policy: Policy = HARBOR_POLICY,
): Decision {
  const granted = lookForGrant(subject, action, resource, policy)
  if (!granted.allowed) return granted
  const rule = policy.rules.find((candidate) => candidate.forbids({ subject, action, resource }) !== false)
  if (rule === undefined) return granted
  const reason = `rule ${rule.name} forbids what ${granted.rule} grants`
  const decision = { allowed: false, rule: `rule:${rule.name}`, reason }
  return rule.denial === undefined ? decision : { ...decision, denial: rule.denial }
}

function lookForGrant(subject: Subject, action: Action, resource: Resource, policy: Policy): Decision {
  if (!isAction(action)) return no(`there is no such action; they are ${ACTIONS.join(', ')}`)
  const isAdmin = subject.isSysAdmin && !isForScannersOnly(action)
  const who = subject.name === '' ? 'somebody who is not logged in' : subject.name
  const asAdmin = yes('sysadmin', `${who} is a system administrator`)

  if (resource.kind === 'system') {
    if (!systemAllows(action, resource.part)) return no(whatThereIsToDo(action, resource.part))
    return isAdmin ? asAdmin : no(`${who} is not a system administrator`)
  }

  if (resource.kind === 'repository' && !isRepositoryName(resource.name)) {
    return no('that cannot name a repository: it takes lower-case path components, such as app or tools/app')
  }
  const part = projectPart(resource)
  if (part === undefined) return no(`there is no such part of a project; they are ${PROJECT_PARTS.join(', ')}`)
  const standing = subject.projects.get(resource.project)
  if (standing === undefined) return no(`there is no project ${resource.project}`)
  if (isAdmin) return asAdmin

  const roles = standing.roles.flatMap((id) => policy.roles.get(id) ?? [])
  const role = roles.find((candidate) => candidate.allows(action, part))
  if (role) return yes(`role:${role.name}`, `${who} is ${role.name} in project ${resource.project}`)
  if (standing.isPublic && publicRights.allows(action, part)) {
    return yes('public', `project ${resource.project} is public`)
  }
  return no(`${who} ${hasIn(resource.project, standing, policy)}; ${whatItTakes(action, part, policy)}`)
}

/** Somebody's roles in a project, and those that grant nothing because the policy does not know them. */
function hasIn(project: string, { roles }: Standing, policy: Policy): string {
  const names = roles.flatMap((id) => policy.roles.get(id)?.name ?? [])
  const unknown = roles.filter((id) => !policy.roles.has(id))
  const has = names.length === 0 ? 'has no role' : `is ${names.join(' and ')}`
  const remark = unknown.length === 0 ? '' : ` (the policy defines no role ${unknown.join(', ')})`
  return `${has} in project ${project}${remark}`
}

/** Whom to ask for what, so that a no is the start of mending it. */
function whatItTakes(action: Action, part: ProjectPart, policy: Policy): string {
  const takers = [...policy.roles.values()].filter((role) => role.allows(action, part)).map(({ name }) => name)
  if (publicRights.allows(action, part)) takers.push('a public project')
  const wanted = `${action} on ${part === 'self' ? 'the project' : part}`
  return takers.length === 0 ? `nothing grants ${wanted}` : `${wanted} takes ${oneOf(takers)}`
}

function whatThereIsToDo(action: Action, part: string): string {
  const actions = systemActions(part)
  if (actions === undefined) return `there is no system:${part}; the parts are ${SYSTEM_PARTS.join(', ')}`
  return `there is no ${action} on system:${part}, only ${actions.join(', ')}`
}

const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

/** The part that the tables of grants know; `undefined` for anything they do not. */
function projectPart(resource: Exclude<Resource, { kind: 'system' }>): ProjectPart | undefined {
  switch (resource.kind) {
    case 'repository':
      return 'repository'
    case 'project': {
      const { part = 'self' } = resource
      return isProjectPart(part) ? part : undefined
    }
    default:
      // Only a caller without types gets here.
      return undefined
  }
}

const yes = (rule: string, reason: string): Decision => ({ allowed: true, rule, reason })
const no = (reason: string): Decision => ({ allowed: false, rule: 'default-deny', reason })
