import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { memoryGrants } from '../src/index.ts'
import { grantRecord, grantStoreSuite } from './grant-store-suite.ts'

grantStoreSuite(async () => {
  const clock = fakeClock()
  return { store: memoryGrants({ clock }), jane: 7, joe: 8, pass: (ms) => clock.advance(ms) }
})

it('is bounded', async () => {
  const store = memoryGrants({ clock: fakeClock(), maxGrants: 1 })
  await store.put(1, grantRecord())
  await store.put(1, grantRecord())
  await expect(store.put(2, grantRecord())).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
})
