import type { Resource } from '@lockkeeper/core'
import {
  definePolicy,
  defineRole,
  evaluate,
  findRole,
  type Grants,
  PROJECT_ROLES,
  type Subject,
} from '@lockkeeper/rbac'
import { describe, expect, it } from 'vitest'

const releaseManager = defineRole({ id: 100, name: 'release-manager', grants: { tag: ['create', 'delete'] } })
const frozen = {
  name: 'release-freeze',
  forbids: ({ action, resource }: { action: string; resource: Resource }) =>
    action === 'push' && resource.kind === 'repository' && resource.name.startsWith('release/'),
  denial: 'Releases are frozen until Monday; ask the release manager.',
}
const jane = (...roles: number[]): Subject => ({
  name: 'jane',
  isSysAdmin: false,
  projects: new Map([['team', { isPublic: false, roles }]]),
})
const release: Resource = { kind: 'repository', project: 'team', name: 'release/app' }
const tag: Resource = { kind: 'project', project: 'team', part: 'tag' }

describe('a policy', () => {
  it('knows roles of your own beside those of Harbor', () => {
    const policy = definePolicy({ roles: [releaseManager] })
    expect(evaluate(jane(100), 'delete', tag, policy).rule).toBe('role:release-manager')
    expect(evaluate(jane(100), 'delete', tag).allowed).toBe(false)
    expect(findRole('release-manager', policy)).toBe(releaseManager)
    expect(findRole('developer', policy)).toBe(PROJECT_ROLES[1])
    expect(findRole('release-manager')).toBeUndefined()
  })

  it('takes back what a role grants, with the sentence of its author', () => {
    const policy = definePolicy({ rules: [frozen] })
    expect(evaluate(jane(2), 'push', release, policy)).toEqual({
      allowed: false,
      rule: 'rule:release-freeze',
      reason: 'rule release-freeze forbids what role:developer grants',
      denial: 'Releases are frozen until Monday; ask the release manager.',
    })
    expect(evaluate(jane(2), 'pull', release, policy).allowed).toBe(true)
  })

  it('holds for administrators too', () => {
    const policy = definePolicy({ rules: [frozen] })
    expect(evaluate({ ...jane(), isSysAdmin: true }, 'push', release, policy).allowed).toBe(false)
  })

  it('asks no rule about what nothing grants, so a rule cannot be used to find out who may not do it anyway', () => {
    const policy = definePolicy({ rules: [frozen] })
    const decision = evaluate(jane(3), 'push', release, policy)
    expect(decision.rule).toBe('default-deny')
    expect(decision.denial).toBeUndefined()
  })

  it('refuses two roles or rules by one name, which no decision could tell apart', () => {
    const [developer] = PROJECT_ROLES.filter(({ name }) => name === 'developer')
    expect(() => definePolicy({ roles: developer ? [developer] : [] })).toThrow('policy: role id 2 is defined twice')
    const namesake = defineRole({ id: 101, name: 'release-manager', grants: {} })
    expect(() => definePolicy({ roles: [releaseManager, namesake] })).toThrow('role release-manager is defined twice')
    expect(() => definePolicy({ rules: [frozen, frozen] })).toThrow('rule release-freeze is defined twice')
  })

  it('refuses rules by names that decisions cannot hold', () => {
    for (const name of ['', 'two words', '1st']) {
      expect(() => definePolicy({ rules: [{ ...frozen, name }] })).toThrow(`rule name ${JSON.stringify(name)} must be`)
    }
  })
})

describe('defineRole', () => {
  it.each<[string, Grants, string]>([
    ['a part', { repositry: ['pull'] } as Grants, 'role r: no part of a project is called "repositry"'],
    ['an inherited name', { constructor: ['pull'] } as Grants, 'role r: no part of a project is called "constructor"'],
    ['an action', { repository: ['pul'] } as unknown as Grants, 'role r: "pul" on repository is no action'],
  ])('refuses %s that does not exist', (_, grants, message) => {
    expect(() => defineRole({ id: 100, name: 'r', grants })).toThrow(message)
  })

  it('refuses ids and names that decisions and memberships cannot hold', () => {
    for (const id of [0, -1, 1.5, Number.NaN])
      expect(() => defineRole({ id, name: 'r', grants: {} })).toThrow(TypeError)
    for (const name of ['', 'two words', '1st']) {
      expect(() => defineRole({ id: 100, name, grants: {} })).toThrow(TypeError)
    }
  })

  it('copies the grants: changing them later changes nothing', () => {
    const actions: ('pull' | 'push')[] = ['pull']
    const role = defineRole({ id: 100, name: 'r', grants: { repository: actions } })
    actions.push('push')
    expect(role.allows('push', 'repository')).toBe(false)
  })
})
