import { type Action, isAction } from '@lockkeeper/core'
import { isProjectPart, type ProjectPart } from './parts.ts'

/** Which actions are granted on which part of a project; what is not written is not granted. */
export type Grants = { readonly [Part in ProjectPart]?: readonly Action[] }

/** What a role is made of. */
export interface RoleDefinition {
  /** As memberships store it: 1 to 5 are Harbor's, take your own from 100 up. */
  readonly id: number
  /** As rules name it: `role:<name>`. */
  readonly name: string
  readonly grants: Grants
}

/** A role: what its holder may do in one project. */
export interface Role extends RoleDefinition {
  /** Whether the role grants this; false for anything it does not know. */
  allows(action: string, part: string): boolean
}

/**
 * Makes a role of data.
 *
 * @throws {TypeError} naming the part or action that does not exist, or the id or name that cannot be one: a typing
 * error in a policy must not pass as "grants nothing".
 */
export function defineRole({ id, name, grants }: RoleDefinition): Role {
  if (!Number.isSafeInteger(id) || id < 1) throw new TypeError(`role ${name}: id must be a positive integer`)
  refuseName('role', name)
  return Object.freeze({ id, name, grants, allows: lookUpIn(`role ${name}`, grants) })
}

/** Decisions name roles and rules as `role:<name>` and `rule:<name>`. */
export function refuseName(what: 'role' | 'rule', name: string): void {
  if (/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name)) return
  throw new TypeError(
    `${what} name ${JSON.stringify(name)} must be letters, digits and hyphens, such as release-manager`,
  )
}

/** A question that a table of grants answers; the table is copied, and checked like a role's. */
export function lookUpIn(owner: string, grants: Grants): Role['allows'] {
  const table = new Map<string, ReadonlySet<string>>()
  for (const [part, actions] of Object.entries(grants)) {
    if (!isProjectPart(part)) throw new TypeError(`${owner}: no part of a project is called ${JSON.stringify(part)}`)
    const unknown = actions.find((action) => !isAction(action))
    if (unknown !== undefined) throw new TypeError(`${owner}: ${JSON.stringify(unknown)} on ${part} is no action`)
    table.set(part, new Set(actions))
  }
  return (action, part) => table.get(part)?.has(action) ?? false
}
