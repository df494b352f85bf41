import { anonymousContext, definePolicy, localContext, memoryProjects, policyMatrix } from '@lockkeeper/rbac'
import { expect, it } from 'vitest'

// The policy under test: Harbor's roles, and nobody overwrites a release.
const policy = definePolicy({
  rules: [
    {
      name: 'immutable-releases',
      forbids: ({ action, resource }) =>
        action !== 'pull' && resource.kind === 'repository' && resource.name.startsWith('release/'),
      denial: 'Releases are written by the pipeline alone: push to staging/ instead.',
    },
  ],
})

// The people and projects it is asked about. Roles: 2 developer, 3 guest, 4 maintainer.
const projects = memoryProjects([
  { name: 'library', isPublic: true },
  { name: 'shop', users: { 10: 2, 11: 4 }, groups: { 90: 3 } },
])
const person = (id: number, username: string, more: { isAdmin?: boolean; groupIds?: number[] } = {}) =>
  localContext({ account: { id, username, isAdmin: false, groupIds: [], mode: 'db_auth', ...more }, projects, policy })

const people = {
  anonymous: anonymousContext(projects, policy),
  auditor: person(12, 'ann', { groupIds: [90] }),
  developer: person(10, 'dev'),
  maintainer: person(11, 'max'),
  admin: person(1, 'admin', { isAdmin: true }),
}

it('grants what the table says, for the reasons it says', async () => {
  const resources = ['repository:library/alpine', 'repository:shop/cart', 'repository:shop/release/cart']
  const matrix = await policyMatrix({ people, resources, actions: ['pull', 'push', 'delete'] })
  expect(`\n${matrix}\n`).toBe(`
                                      anonymous   auditor         developer                    maintainer                   admin
repository:library/alpine     pull    yes public  yes public      yes public                   yes public                   yes sysadmin
repository:library/alpine     push    no          no              no                           no                           yes sysadmin
repository:library/alpine     delete  no          no              no                           no                           yes sysadmin
repository:shop/cart          pull    no          yes role:guest  yes role:developer           yes role:maintainer          yes sysadmin
repository:shop/cart          push    no          no              yes role:developer           yes role:maintainer          yes sysadmin
repository:shop/cart          delete  no          no              no                           yes role:maintainer          yes sysadmin
repository:shop/release/cart  pull    no          yes role:guest  yes role:developer           yes role:maintainer          yes sysadmin
repository:shop/release/cart  push    no          no              no  rule:immutable-releases  no  rule:immutable-releases  no  rule:immutable-releases
repository:shop/release/cart  delete  no          no              no                           no  rule:immutable-releases  no  rule:immutable-releases
`)
})

it('tells a developer what to do instead', async () => {
  const release = { kind: 'repository', project: 'shop', name: 'release/cart' } as const
  expect((await people.developer.explain('push', release)).denial).toContain('push to staging/')
})
