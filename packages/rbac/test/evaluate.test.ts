import { ACTIONS, type Action, parseResource, type Resource } from '@lockkeeper/core'
import {
  definePolicy,
  defineRole,
  evaluate,
  type Policy,
  PROJECT_ROLES,
  type Standing,
  type Subject,
  SYSTEM_GRANTS,
} from '@lockkeeper/rbac'
import { describe, expect, it } from 'vitest'

const subject = (standing?: Partial<Standing>, person: Partial<Subject> = {}): Subject => ({
  name: 'jane',
  isSysAdmin: false,
  projects: new Map(standing ? [['team', { isPublic: false, roles: [], ...standing }]] : []),
  ...person,
})
const resource = (text: string): Resource => {
  const parsed = parseResource(text)
  if (!parsed) throw new Error(`${text} is no resource`)
  return parsed
}
const app = resource('repository:team/app')

describe('evaluate', () => {
  it('names the role that grants', () => {
    expect(evaluate(subject({ roles: [2] }), 'push', app)).toEqual({
      allowed: true,
      rule: 'role:developer',
      reason: 'jane is developer in project team',
    })
  })

  it('takes the union of all roles', () => {
    const both = subject({ roles: [2, 3, 4] })
    expect(evaluate(both, 'push', app).rule).toBe('role:developer')
    expect(evaluate(both, 'delete', app).rule).toBe('role:maintainer')
    expect(evaluate(both, 'update', resource('project:team')).allowed).toBe(false)
  })

  it('says which roles somebody has when they do not suffice, and which would', () => {
    expect(evaluate(subject({ roles: [3] }), 'push', app)).toEqual({
      allowed: false,
      rule: 'default-deny',
      reason: 'jane is guest in project team; push on repository takes projectAdmin, developer or maintainer',
    })
    expect(evaluate(subject({ roles: [2] }), 'delete', resource('project:team')).reason).toBe(
      'jane is developer in project team; delete on the project takes projectAdmin',
    )
  })

  it('names a role of your own among those that would suffice, and says when none does', () => {
    const scanner = defineRole({ id: 100, name: 'scanner', grants: { repository: ['scanner-pull'] } })
    const why = (policy?: Policy) => evaluate(subject({ roles: [2] }), 'scanner-pull', app, policy).reason
    expect(why()).toBe('jane is developer in project team; nothing grants scanner-pull on repository')
    expect(why(definePolicy({ roles: [scanner] }))).toContain('scanner-pull on repository takes scanner')
  })

  it('says what there is, where somebody asks about what there is not', () => {
    const why = (text: string) => evaluate(subject({}, { isSysAdmin: true }), 'list', resource(text)).reason
    expect(why('system:catalog')).toBe('there is no list on system:catalog, only read')
    expect(why('system:catalogue')).toMatch(/^there is no system:catalogue; the parts are catalog, /)
    expect(why('project:team/members')).toMatch(/^there is no such part of a project; they are self, member, /)
    expect(evaluate(subject({}), 'pul' as Action, app).reason).toMatch(/^there is no such action; they are create, /)
    expect(evaluate(subject({}), 'pull', { kind: 'repository', project: 'team', name: 'App' }).reason).toBe(
      'that cannot name a repository: it takes lower-case path components, such as app or tools/app',
    )
  })

  it('tells a role that the policy does not define from none: the policy of the program may be another one', () => {
    const why = (...roles: number[]) => evaluate(subject({ roles }), 'push', app).reason
    expect(why(100)).toMatch(/^jane has no role in project team \(the policy defines no role 100\); push on/)
    expect(why(3, 100, 101)).toMatch(/^jane is guest in project team \(the policy defines no role 100, 101\); push on/)
  })

  it('lets everybody pull from a public project, and only pull', () => {
    const nobody = subject({ isPublic: true }, { name: '' })
    expect(evaluate(nobody, 'pull', app)).toEqual({ allowed: true, rule: 'public', reason: 'project team is public' })
    expect(evaluate(nobody, 'push', app).reason).toBe(
      'somebody who is not logged in has no role in project team; ' +
        'push on repository takes projectAdmin, developer or maintainer',
    )
  })

  it('lets nobody into a private project without a role', () => {
    const decision = evaluate(subject({}), 'pull', app)
    expect(decision.allowed).toBe(false)
    expect(decision.reason).toMatch(/limitedGuest or a public project$/)
  })

  it('CHN-05: keeps the roles of one project out of another', () => {
    const jane = subject({ roles: [1] })
    expect(evaluate(jane, 'pull', resource('repository:other/app'))).toMatchObject({
      allowed: false,
      reason: 'there is no project other',
    })
  })

  it('asks about the project itself without a part', () => {
    expect(evaluate(subject({ roles: [1] }), 'delete', resource('project:team')).rule).toBe('role:projectAdmin')
    expect(evaluate(subject({ roles: [4] }), 'delete', resource('project:team')).allowed).toBe(false)
  })
})

describe('a system administrator', () => {
  const root = subject({}, { isSysAdmin: true })

  it('may do everything in a project but the pull of a scanner', () => {
    const allowed = ACTIONS.filter((action) => evaluate(root, action, app).rule === 'sysadmin')
    expect(allowed).toEqual(ACTIONS.filter((action) => action !== 'scanner-pull'))
    expect(evaluate(root, 'scanner-pull', app)).toMatchObject({ allowed: false, rule: 'default-deny' })
  })

  it('is the only one to do anything with the deployment', () => {
    const catalog = resource('system:catalog')
    expect(evaluate(root, 'read', catalog).rule).toBe('sysadmin')
    for (const { id } of PROJECT_ROLES) {
      expect(evaluate(subject({ roles: [id], isPublic: true }), 'read', catalog).allowed).toBe(false)
    }
  })

  it('LOG-07: is the only one who may look people and groups up', () => {
    for (const part of ['user', 'user-group', 'ldap-user'] as const) {
      for (const action of SYSTEM_GRANTS[part]) {
        const question = resource(`system:${part}`)
        expect(evaluate(root, action, question).allowed).toBe(true)
        expect(evaluate(subject({ roles: [1, 2, 3, 4, 5], isPublic: true }), action, question).allowed).toBe(false)
      }
    }
  })

  it('gets no rights in a project that does not exist', () => {
    expect(evaluate(root, 'push', resource('repository:nowhere/app')).allowed).toBe(false)
  })
})
