import { setImmediate } from 'node:timers/promises'
import { accessFromScope, parseScopeList } from '@lockkeeper/registry-protocol'
import { describe, expect, it } from 'vitest'
import { type AccessFilter, catalogAccess, repositoryAccess } from '../src/issue/access-filter.ts'
import { grantAccess } from '../src/issue/grant.ts'
import { hostPrefixedNames, plainNames } from '../src/issue/repository-names.ts'
import { adminContext, brokenContext, policyContext } from './context.ts'

const filters = new Map<string, AccessFilter>([
  ['repository', repositoryAccess(plainNames)],
  ['registry', catalogAccess],
])
const requested = (...scopes: string[]) => parseScopeList(scopes).scopes.map(accessFromScope)
const granted = async (scope: string, context = adminContext(), by = filters) =>
  (await grantAccess(requested(scope), context, by)).granted

const developer = () => policyContext(['pull repository:team/app', 'push repository:team/app'])

describe('ISS-01: granted is requested and allowed', () => {
  it('gives an administrator who asks for pull exactly pull', async () => {
    expect(await granted('repository:team/app:pull')).toEqual([
      { type: 'repository', name: 'team/app', actions: ['pull'] },
    ])
  })

  it('gives what remains when not everything is allowed', async () => {
    expect(await granted('repository:team/app:push,delete,pull', developer())).toEqual([
      { type: 'repository', name: 'team/app', actions: ['push', 'pull'] },
    ])
  })

  it('leaves out a resource of which nothing is allowed', async () => {
    const scopes = 'repository:other/app:pull repository:team/app:pull'
    expect(await granted(scopes, developer())).toEqual([{ type: 'repository', name: 'team/app', actions: ['pull'] }])
  })

  it('keeps the order of the request, whichever answer comes first', async () => {
    const context = adminContext()
    const slowFirst = {
      ...context,
      async can(...question: Parameters<typeof context.can>) {
        const [, resource] = question
        if (resource.kind === 'repository' && resource.name === 'slow') for (let i = 0; i < 5; i++) await setImmediate()
        return true
      },
    }
    const names = (
      await granted('repository:a/slow:pull repository:a/fast:pull repository:a/last:pull', slowFirst)
    ).map(({ name }) => name)
    expect(names).toEqual(['a/slow', 'a/fast', 'a/last'])
  })

  it('asks about a delete of the repository, not of something in it', async () => {
    const context = policyContext(['delete repository:team/app'])
    expect(await granted('repository:team/app:delete', context)).toHaveLength(1)
    expect(context.asked).toEqual(['delete repository:team/app'])
  })

  it('drops an action that no policy knows, and an action in capitals, without asking', async () => {
    const context = developer()
    expect(await granted('repository:team/app:frobnicate,Pull,pull', context)).toEqual([
      { type: 'repository', name: 'team/app', actions: ['pull'] },
    ])
    expect(context.asked).toEqual(['pull repository:team/app'])
  })

  it('gives nobody anything for a resource type without filter, or for a name without project', async () => {
    expect(await granted('artifact:team/app:pull')).toEqual([])
    expect(await granted('repository:alpine:pull')).toEqual([])
    expect(await granted('registry:settings:*')).toEqual([])
  })

  it('keeps the class of a resource', async () => {
    expect(await granted('repository(plugin):team/app:pull')).toEqual([
      { type: 'repository', class: 'plugin', name: 'team/app', actions: ['pull'] },
    ])
  })
})

describe('ISS-02: the action *', () => {
  it('is sent beside the concrete actions when all of them are allowed', async () => {
    expect(await granted('repository:team/app:*')).toMatchObject([{ actions: ['*', 'pull', 'push', 'delete'] }])
  })

  it('is only a way to ask for everything when not all of them are allowed', async () => {
    expect(await granted('repository:team/app:*', developer())).toMatchObject([{ actions: ['pull', 'push'] }])
  })

  it('asks the policy about each action once, also where it was asked for by name as well', async () => {
    const context = developer()
    expect(await granted('repository:team/app:*,pull', context)).toMatchObject([{ actions: ['pull', 'push'] }])
    expect(context.asked).toHaveLength(3)
  })

  it('does not stand for scanner-pull, which must be asked for by name', async () => {
    expect(await granted('repository:team/app:scanner-pull')).toMatchObject([{ actions: ['scanner-pull'] }])
    expect((await granted('repository:team/app:*'))[0]?.actions).not.toContain('scanner-pull')
  })

  it('is the one action of the catalogue, for those who may read it', async () => {
    expect(await granted('registry:catalog:*', policyContext(['read system:catalog']))).toEqual([
      { type: 'registry', name: 'catalog', actions: ['*'] },
    ])
    expect(await granted('registry:catalog:*', developer())).toEqual([])
    expect(await granted('registry:catalog:pull,search')).toEqual([])
  })
})

describe('names', () => {
  it('belong to a service: with a host in front, only that host is judged', async () => {
    const by = new Map([['repository', repositoryAccess(hostPrefixedNames('reg.ex:5000'))]])
    const context = developer()
    expect(await granted('repository:reg.ex:5000/team/app:pull', context, by)).toEqual([
      { type: 'repository', name: 'reg.ex:5000/team/app', actions: ['pull'] },
    ])
    for (const other of ['team/app', 'reg.ex/team/app', 'reg.ex:5001/team/app', 'evil.reg.ex:5000/team/app']) {
      expect(await granted(`repository:${other}:pull`, adminContext(), by)).toEqual([])
    }
    expect(context.asked).toEqual(['pull repository:team/app'])
  })
})

describe('denials', () => {
  it('carry the sentence that the author of the policy wrote', async () => {
    const context = policyContext(['pull repository:team/app'], { denial: 'pushes are frozen until Monday' })
    const { denials } = await grantAccess(requested('repository:team/app:pull,push'), context, filters)
    expect(denials).toEqual([
      {
        access: { type: 'repository', name: 'team/app', actions: ['push'] },
        reason: 'pushes are frozen until Monday',
      },
    ])
  })

  it('say why nobody has what was asked for', async () => {
    const { denials } = await grantAccess(
      requested('repository:alpine:pull artifact:a/b:read'),
      adminContext(),
      filters,
    )
    expect(denials.map(({ reason }) => reason)).toEqual([
      'no policy of this service covers this action on this name',
      'this service has no policy for resources of this type',
    ])
  })
})

describe('a policy that cannot tell', () => {
  it('makes the whole request fail: no answer is not a no, and not a yes', async () => {
    await expect(granted('repository:team/app:pull', brokenContext())).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
    })
  })

  it('stops what has not been asked yet', async () => {
    let asked = 0
    const context = {
      ...brokenContext(),
      can: async () => {
        asked += 1
        await setImmediate()
        throw new Error('down')
      },
    }
    const scopes = Array.from({ length: 100 }, (_, i) => `repository:team/app${i}:pull`)
    await expect(grantAccess(requested(...scopes), context, filters)).rejects.toThrow('down')
    expect(asked).toBeLessThanOrEqual(8)
  })

  it('is asked about at most eight resources at a time', async () => {
    let underWay = 0
    let most = 0
    const context = {
      ...adminContext(),
      can: async () => {
        underWay += 1
        most = Math.max(most, underWay)
        await setImmediate()
        underWay -= 1
        return true
      },
    }
    const scopes = Array.from({ length: 100 }, (_, i) => `repository:team/app${i}:pull`)
    expect((await grantAccess(requested(...scopes), context, filters)).granted).toHaveLength(100)
    expect(most).toBe(8)
  })
})
