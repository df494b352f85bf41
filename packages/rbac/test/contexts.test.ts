import { BackendUnavailableError, parseResource, type Resource } from '@lockkeeper/core'
import { anonymousContext, definePolicy, localContext, memoryProjects, type ProjectReader } from '@lockkeeper/rbac'
import { describe, expect, it } from 'vitest'

const account = { id: 7, username: 'Jane', isAdmin: false, groupIds: [40], mode: 'db_auth' }
const resource = (text: string): Resource => {
  const parsed = parseResource(text)
  if (!parsed) throw new Error(`${text} is no resource`)
  return parsed
}
const library = resource('repository:library/alpine')
const app = resource('repository:team/app')

const seeded = () =>
  memoryProjects([
    { name: 'library', isPublic: true },
    { name: 'team', users: { 7: 3 }, groups: { 40: 2 } },
    { name: 'secret', users: { 8: 1 } },
  ])

/** Counts what is read. */
function counting(projects: ProjectReader) {
  const reads = { get: 0, rolesOf: 0 }
  const reader: ProjectReader = {
    get: (name) => {
      reads.get++
      return projects.get(name)
    },
    rolesOf: (project, person) => {
      reads.rolesOf++
      return projects.rolesOf(project, person)
    },
  }
  return { reads, reader }
}

describe('anonymousContext', () => {
  it('says who is asking: nobody', () => {
    expect(anonymousContext(seeded())).toMatchObject({
      kind: 'anonymous',
      isAuthenticated: false,
      username: '',
      isSysAdmin: false,
      isSolutionUser: false,
    })
  })

  it('pulls from public projects and nothing else', async () => {
    const nobody = anonymousContext(seeded())
    expect(await nobody.explain('pull', library)).toMatchObject({ allowed: true, rule: 'public' })
    expect(await nobody.can('push', library)).toBe(false)
    expect(await nobody.can('pull', app)).toBe(false)
    expect(await nobody.can('read', resource('system:catalog'))).toBe(false)
  })

  it('never asks for roles', async () => {
    const { reads, reader } = counting(seeded())
    await anonymousContext(reader).can('pull', library)
    expect(reads).toEqual({ get: 1, rolesOf: 0 })
  })
})

describe('localContext', () => {
  it('says who is asking, in the stored spelling', () => {
    expect(localContext({ account, projects: seeded() })).toMatchObject({
      kind: 'local',
      isAuthenticated: true,
      username: 'Jane',
      accountId: 7,
      isSysAdmin: false,
    })
  })

  it('has the roles of the account and of its groups together', async () => {
    const jane = localContext({ account, projects: seeded() })
    expect((await jane.explain('push', app)).rule).toBe('role:developer')
    expect((await jane.explain('read', resource('project:team/member'))).rule).toBe('role:developer')
    expect(await jane.can('pull', resource('repository:secret/app'))).toBe(false)
  })

  it('gives administrators every project that exists', async () => {
    const root = localContext({ account: { ...account, isAdmin: true }, projects: seeded() })
    expect((await root.explain('delete', resource('repository:secret/app'))).rule).toBe('sysadmin')
    expect(await root.can('push', resource('repository:nowhere/app'))).toBe(false)
  })

  it('can and explain give one answer', async () => {
    const jane = localContext({ account, projects: seeded() })
    for (const action of ['pull', 'push', 'delete'] as const) {
      expect(await jane.can(action, app)).toBe((await jane.explain(action, app)).allowed)
    }
  })

  it('reads each project once per request, however often and however many at once', async () => {
    const { reads, reader } = counting(seeded())
    const jane = localContext({ account, projects: reader })
    await Promise.all(Array.from({ length: 20 }, () => jane.can('pull', app)))
    await jane.can('push', app)
    expect(reads).toEqual({ get: 1, rolesOf: 1 })
    await jane.can('pull', library)
    expect(reads.get).toBe(2)
  })

  it('reads nothing for questions about the deployment', async () => {
    const { reads, reader } = counting(seeded())
    await localContext({ account, projects: reader }).can('read', resource('system:catalog'))
    expect(reads.get).toBe(0)
  })

  it('never asks a store for a text that cannot be a project name', async () => {
    const { reads, reader } = counting(seeded())
    const jane = localContext({ account, projects: reader })
    for (const project of ['', 'a b', "x' or 1=1", '__proto__', {} as string]) {
      expect(await jane.can('pull', { kind: 'repository', project, name: 'app' })).toBe(false)
    }
    expect(reads.get).toBe(0)
  })

  it('remembers a bounded number of projects, and answers beyond it all the same', async () => {
    const { reads, reader } = counting(seeded())
    const jane = localContext({ account, projects: reader })
    for (let n = 0; n < 300; n++) await jane.can('pull', { kind: 'repository', project: `p${n}`, name: 'app' })
    expect(await jane.can('push', app)).toBe(true)
    expect(await jane.can('push', app)).toBe(true)
    expect(reads.get).toBe(302)
  })

  it('CHN-04: the next request sees a demotion', async () => {
    const projects = seeded()
    const team = await projects.get('team')
    if (!team) throw new Error('the seed is missing')
    expect(await localContext({ account, projects }).can('push', app)).toBe(true)
    await projects.setMember(team, { kind: 'group', id: 40 }, 3)
    expect(await localContext({ account, projects }).can('push', app)).toBe(false)
    await projects.remove(team)
    expect(await localContext({ account, projects }).can('pull', app)).toBe(false)
  })

  it('follows the policy it is given', async () => {
    const policy = definePolicy({ rules: [{ name: 'read-only', forbids: ({ action }) => action === 'push' }] })
    const jane = localContext({ account, projects: seeded(), policy })
    expect(await jane.explain('push', app)).toMatchObject({ allowed: false, rule: 'rule:read-only' })
  })
})

describe('CHN-03: a context that cannot tell', () => {
  const down = new BackendUnavailableError('database', 'is down')

  it.each<[string, ProjectReader]>([
    ['the project', { get: () => Promise.reject(down), rolesOf: async () => [1] }],
    ['the roles', { get: (name) => seeded().get(name), rolesOf: () => Promise.reject(down) }],
  ])('CHN-03: throws when %s cannot be read, on every question', async (_, projects) => {
    const jane = localContext({ account, projects })
    await expect(jane.can('pull', app)).rejects.toBe(down)
    await expect(jane.explain('pull', app)).rejects.toBe(down)
  })

  it('CHN-03: throws for public projects and administrators too', async () => {
    const projects: ProjectReader = { get: () => Promise.reject(down), rolesOf: async () => [] }
    await expect(anonymousContext(projects).can('pull', library)).rejects.toBe(down)
    await expect(localContext({ account: { ...account, isAdmin: true }, projects }).can('pull', app)).rejects.toBe(down)
  })

  it('CHN-03: turns an error it does not know into "cannot tell", never into an answer', async () => {
    const cause = new Error('boom')
    const broken: ProjectReader = {
      get: () => {
        throw cause
      },
      rolesOf: async () => [],
    }
    const asking = anonymousContext(broken).can('pull', library)
    await expect(asking).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', backend: 'projects', cause })
  })
})
