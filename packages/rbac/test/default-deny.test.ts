import { ACTIONS, type Action, isRepositoryName, type Resource } from '@lockkeeper/core'
import {
  definePolicy,
  evaluate,
  localContext,
  memoryProjects,
  PROJECT_PARTS,
  PROJECT_ROLES,
  type Subject,
  SYSTEM_PARTS,
} from '@lockkeeper/rbac'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** Keys that every plain object answers to, beside any text at all. */
const anyText = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '*', '', 'PULL', 'self '),
)
const maybe = (known: readonly string[]) => fc.oneof(fc.constantFrom(...known), anyText)
const project = maybe(['team', 'library'])

/** Resources of every kind there is and of kinds there are not, as a caller without types would hand them in. */
const anyResource = fc.oneof(
  fc.record({ kind: fc.constant('project'), project, part: maybe(PROJECT_PARTS) }),
  fc.record({ kind: fc.constant('repository'), project, name: maybe(['app', 'app/web', '../x', 'App']) }),
  fc.record({ kind: fc.constant('system'), part: maybe(SYSTEM_PARTS) }),
  fc.record({ kind: anyText, project, part: anyText, name: anyText }),
) as fc.Arbitrary<Resource>

const anyAction = maybe(ACTIONS) as fc.Arbitrary<Action>

const knownRoles = new Set(PROJECT_ROLES.map(({ id }) => id))
const anyRole = fc.oneof(fc.constantFrom(...knownRoles), fc.integer(), fc.double())
const anySubject: fc.Arbitrary<Subject> = fc.record({
  name: anyText,
  isSysAdmin: fc.boolean(),
  projects: fc
    .record({ isPublic: fc.boolean(), roles: fc.array(anyRole, { maxLength: 6 }) })
    .map((standing) => new Map([['team', standing]])),
})

const isKnown = (action: string, resource: Resource): boolean => {
  if (!(ACTIONS as readonly string[]).includes(action)) return false
  switch (resource.kind) {
    case 'system':
      return (SYSTEM_PARTS as readonly string[]).includes(resource.part)
    case 'project':
      return resource.project === 'team' && (PROJECT_PARTS as readonly string[]).includes(resource.part ?? 'self')
    case 'repository':
      return resource.project === 'team' && isRepositoryName(resource.name)
    default:
      return false
  }
}

describe('CHN-03: denies by default', () => {
  it('CHN-03: is total: whatever is asked, the answer is a decision with a rule and a reason', () => {
    fc.assert(
      fc.property(anySubject, anyAction, anyResource, (subject, action, resource) => {
        const { allowed, rule, reason } = evaluate(subject, action, resource)
        expect(typeof allowed).toBe('boolean')
        expect(rule === 'default-deny').toBe(!allowed)
        expect(reason).not.toBe('')
      }),
      { numRuns: 2000 },
    )
  })

  it('CHN-03: never allows an action, part or kind that is not known, not even to an administrator', () => {
    fc.assert(
      fc.property(anySubject, anyAction, anyResource, (subject, action, resource) => {
        fc.pre(!isKnown(action, resource))
        expect(evaluate({ ...subject, isSysAdmin: true }, action, resource).allowed).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('CHN-03: grants nothing for role ids that nobody defined', () => {
    fc.assert(
      fc.property(anySubject, anyAction, anyResource, (subject, action, resource) => {
        const without = [...subject.projects].map(([name, standing]) => {
          return [name, { ...standing, roles: standing.roles.filter((id) => knownRoles.has(id)) }] as const
        })
        const known = { ...subject, projects: new Map(without) }
        expect(evaluate(subject, action, resource).rule).toBe(evaluate(known, action, resource).rule)
      }),
      { numRuns: 1000 },
    )
  })

  it('CHN-03: more roles never take anything away', () => {
    fc.assert(
      fc.property(anySubject, anyRole, anyAction, anyResource, (subject, role, action, resource) => {
        const more = [...subject.projects].map(([name, standing]) => {
          return [name, { ...standing, roles: [...standing.roles, role] }] as const
        })
        const before = evaluate(subject, action, resource).allowed
        expect(before && !evaluate({ ...subject, projects: new Map(more) }, action, resource).allowed).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('CHN-03: a rule that answers anything but false forbids', () => {
    const jane: Subject = {
      name: 'jane',
      isSysAdmin: true,
      projects: new Map([['team', { isPublic: true, roles: [1] }]]),
    }
    for (const answer of [true, undefined, null, 0, '', Promise.resolve(false)]) {
      const policy = definePolicy({ rules: [{ name: 'odd', forbids: () => answer as boolean }] })
      const decision = evaluate(jane, 'pull', { kind: 'repository', project: 'team', name: 'app' }, policy)
      expect(decision).toMatchObject({ allowed: false, rule: 'rule:odd' })
    }
  })

  it('CHN-03: a project manager that answers with odd types grants nothing', async () => {
    const project = await memoryProjects([{ name: 'team' }]).get('team')
    if (!project) throw new Error('the seed is missing')
    const account = { id: 7, username: 'jane', isAdmin: false, groupIds: [], mode: 'db_auth' }
    const projects = {
      get: async () => ({ ...project, isPublic: 'false' as unknown as boolean }),
      rolesOf: async () => ['1', '__proto__', { id: 1 }] as unknown as number[],
    }
    const context = localContext({ account, projects })
    expect(await context.can('pull', { kind: 'repository', project: 'team', name: 'app' })).toBe(false)
  })
})
