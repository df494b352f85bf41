import { expect, it } from 'vitest'
import { memoryNamedSecrets } from '../src/index.ts'
import { namedSecretSuite } from './named-secret-suite.ts'

namedSecretSuite(async () => ({ store: memoryNamedSecrets(), jane: 7, joe: 8 }))

it('is bounded, and what was revoked makes room', async () => {
  const store = memoryNamedSecrets({ maxSecrets: 2 })
  const row = (id: string) => ({ id, accountId: 7, name: id, createdAt: 0, digest: 'a' })
  await store.add(row('1'))
  await store.add(row('2'))
  await expect(store.add(row('3'))).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  await store.revoke(7, '1', 0)
  await store.add(row('3'))
  expect((await store.list(7)).map(({ id }) => id)).toHaveLength(2)
})
