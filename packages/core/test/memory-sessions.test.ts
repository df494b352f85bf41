import { fakeClock } from '@lockkeeper/testing'
import { expect, it } from 'vitest'
import { memorySessions, SESSION_PURPOSE, type SessionRecord } from '../src/index.ts'
import { sessionStoreSuite } from './session-store-suite.ts'

sessionStoreSuite(async () => {
  const clock = fakeClock()
  return { clock, store: memorySessions({ clock }) }
})

const record = (purpose: string, expiresAt: number): SessionRecord => ({
  purpose,
  mode: 'm',
  createdAt: 0,
  lastSeenAt: 0,
  expiresAt,
})

it('full of steps that anybody can begin, it forgets the oldest of them and nobody who is signed in', async () => {
  const clock = fakeClock()
  const store = memorySessions({ clock, maxSessions: 3 })
  const later = clock.wallMs() + 1000
  await store.set('jane', record(SESSION_PURPOSE, later))
  for (const id of ['1', '2', '3', '4']) await store.set(id, record('oidc-login', later))
  expect(await store.get('jane')).toBeDefined()
  expect(await Promise.all(['1', '2', '3', '4'].map(async (id) => (await store.get(id)) !== undefined))).toEqual([
    false,
    false,
    true,
    true,
  ])
})

it('full of people, it says so and signs nobody out, and has room again when some have expired', async () => {
  const clock = fakeClock()
  const store = memorySessions({ clock, maxSessions: 2 })
  const now = clock.wallMs()
  await store.set('a', record(SESSION_PURPOSE, now + 10))
  await store.set('b', record(SESSION_PURPOSE, now + 1000))
  await expect(store.set('c', record(SESSION_PURPOSE, now + 1000))).rejects.toMatchObject({
    code: 'ERR_BACKEND_UNAVAILABLE',
  })
  await clock.advance(10)
  await store.set('c', record(SESSION_PURPOSE, now + 1000))
  expect(await store.get('b')).toBeDefined()
})
