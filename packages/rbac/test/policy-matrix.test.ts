import { BackendUnavailableError } from '@lockkeeper/core'
import { anonymousContext, definePolicy, localContext, memoryProjects, policyMatrix } from '@lockkeeper/rbac'
import { describe, expect, it } from 'vitest'

const policy = definePolicy({ rules: [{ name: 'keep', forbids: ({ action }) => action === 'delete' }] })
const projects = memoryProjects([{ name: 'team', isPublic: true, users: { 7: 2, 8: 4 } }])
const local = (id: number) =>
  localContext({ account: { id, username: `u${id}`, isAdmin: false, groupIds: [], mode: 'db_auth' }, projects, policy })

describe('policyMatrix', () => {
  it('prints a table that people can read and snapshot', async () => {
    const matrix = await policyMatrix({
      people: { anonymous: anonymousContext(projects), developer: local(7), maintainer: local(8) },
      resources: ['repository:team/app', { kind: 'project', project: 'team', part: 'member' }],
      actions: ['pull', 'delete', 'list'],
    })
    expect(`\n${matrix}\n`).toBe(`
                             anonymous   developer           maintainer
repository:team/app  pull    yes public  yes role:developer  yes role:maintainer
repository:team/app  delete  no          no                  no  rule:keep
repository:team/app  list    yes public  yes role:developer  yes role:maintainer
project:team/member  pull    no          no                  no
project:team/member  delete  no          no                  no
project:team/member  list    no          yes role:developer  yes role:maintainer
`)
    expect(matrix.entries).toHaveLength(18)
    expect(matrix.entries[4]).toMatchObject({ who: 'developer', action: 'delete', resource: 'repository:team/app' })
  })

  it('names a resource that it cannot read', async () => {
    const asking = policyMatrix({ people: {}, resources: ['repository:Team/app'], actions: ['pull'] })
    await expect(asking).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
    await expect(asking).rejects.toThrow('"repository:Team/app" is no resource')
  })

  it('has no guesses in it', async () => {
    const down = new BackendUnavailableError('database', 'is down')
    const nobody = anonymousContext({ get: () => Promise.reject(down), rolesOf: async () => [] })
    const asking = policyMatrix({ people: { nobody }, resources: ['repository:team/app'], actions: ['pull'] })
    await expect(asking).rejects.toBe(down)
  })
})
