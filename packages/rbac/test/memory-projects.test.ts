import { memoryProjects } from '@lockkeeper/rbac'
import { describe, expect, it } from 'vitest'

const jane = { accountId: 7, groupIds: [40, 41] }
const user = (id: number) => ({ kind: 'user', id }) as const
const group = (id: number) => ({ kind: 'group', id }) as const

describe('memoryProjects', () => {
  it('creates a project, dates it, and makes its owner a projectAdmin', async () => {
    const projects = memoryProjects([], { wallMs: () => Date.UTC(2026, 0, 2) })
    const team = await projects.create({ name: 'team', ownerId: 7, isPublic: false })
    expect(team).toEqual({ id: 1, name: 'team', ownerId: 7, isPublic: false, createdAt: new Date('2026-01-02') })
    expect(await projects.get('team')).toEqual(team)
    expect(await projects.rolesOf(team, jane)).toEqual([1])
  })

  it('refuses a name that is taken and a name that cannot be one', async () => {
    const projects = memoryProjects([{ name: 'team' }])
    const create = (name: string) => projects.create({ name, ownerId: 7, isPublic: false })
    await expect(create('team')).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    for (const name of ['', 'Team', 'a b', 'a--b', '__proto__']) {
      await expect(create(name)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
  })

  it('CHN-05: takes the fields of a new project from a list, whatever else is handed in', async () => {
    const projects = memoryProjects()
    const greedy = { name: 'team', ownerId: 7, isPublic: false, id: 1000, createdAt: new Date(0), isAdmin: true }
    const team = await projects.create(greedy)
    expect(Object.keys(team).sort()).toEqual(['createdAt', 'id', 'isPublic', 'name', 'ownerId'])
    expect(team.id).toBe(1)
    expect(team.createdAt).not.toEqual(new Date(0))
  })

  it('refuses members that no id names, who would be nobody', () => {
    const users = { jane: 2 } as unknown as Record<number, number>
    expect(() => memoryProjects([{ name: 'team', users }])).toThrow('"jane" cannot be a member')
    expect(() => memoryProjects([{ name: 'team', groups: { 0: 2 } }])).toThrow('"0" cannot be a member')
  })

  it('finds exact names only', async () => {
    const projects = memoryProjects([{ name: 'team' }])
    expect(await projects.get('team2')).toBeUndefined()
    expect(await projects.get('TEAM')).toBeUndefined()
    expect(await projects.get('constructor')).toBeUndefined()
  })

  it('gives all roles somebody has, directly and by group, each once', async () => {
    const projects = memoryProjects([{ name: 'team', users: { 7: 3 }, groups: { 40: 2, 41: 3, 42: 1 } }])
    const team = (await projects.get('team'))!
    expect(await projects.rolesOf(team, jane)).toEqual([2, 3])
    expect(await projects.rolesOf(team, { accountId: 40, groupIds: [7] })).toEqual([])
  })

  it('adds, changes, lists and removes members', async () => {
    const projects = memoryProjects([{ name: 'team', ownerId: 9 }])
    const team = (await projects.get('team'))!
    await projects.setMember(team, group(3), 3)
    await projects.setMember(team, user(7), 2)
    await projects.setMember(team, user(7), 4)
    expect(await projects.members(team)).toEqual([
      { member: user(7), role: 4 },
      { member: user(9), role: 1 },
      { member: group(3), role: 3 },
    ])
    await projects.removeMember(team, user(7))
    await expect(projects.removeMember(team, user(7))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(projects.setMember(team, user(7), 0)).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('lists by id in pages, public or private', async () => {
    const projects = memoryProjects([{ name: 'a' }, { name: 'b', isPublic: true }, { name: 'c' }])
    const names = async (query?: Parameters<typeof projects.list>[0]) =>
      (await projects.list(query)).map(({ name }) => name)
    expect(await names()).toEqual(['a', 'b', 'c'])
    expect(await names({ isPublic: false })).toEqual(['a', 'c'])
    expect(await names({ after: 1, limit: 1 })).toEqual(['b'])
  })

  it('makes a project public and private again', async () => {
    const projects = memoryProjects([{ name: 'team' }])
    const team = (await projects.get('team'))!
    await projects.setPublic(team, true)
    expect((await projects.get('team'))?.isPublic).toBe(true)
  })

  it('CHN-05: gives a removed name to a new project, and nothing of the old one with it', async () => {
    const projects = memoryProjects([{ name: 'team', users: { 7: 1 } }])
    const old = (await projects.get('team'))!
    await projects.remove(old)
    expect(await projects.get('team')).toBeUndefined()
    const next = await projects.create({ name: 'team', ownerId: 8, isPublic: false })
    expect(next.id).not.toBe(old.id)
    expect(await projects.rolesOf(next, jane)).toEqual([])
    expect(await projects.rolesOf(old, { accountId: 8, groupIds: [] })).toEqual([])
    await expect(projects.setMember(old, user(7), 1)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(projects.setPublic(old, true)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
  })
})
