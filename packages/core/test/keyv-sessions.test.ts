import { fakeClock } from '@lockkeeper/testing'
import Keyv, { KeyvMemoryAdapter } from 'keyv'
import { describe, expect, it } from 'vitest'
import { type KeyvMethods, keyvSessions, SESSION_PURPOSE, type SessionRecord } from '../src/index.ts'
import { sessionStoreSuite } from './session-store-suite.ts'

const HOUR = 3_600_000
const CANNOT_TELL = { code: 'ERR_BACKEND_UNAVAILABLE' }

const house = () => {
  const clock = fakeClock()
  const keyv = new Keyv()
  return { clock, keyv, store: keyvSessions(keyv, { clock }) }
}

sessionStoreSuite(async () => house())

const methodsOf = (keyv: Keyv): KeyvMethods => ({
  get: (key) => keyv.get(key),
  set: (key, value, ttlMs) => keyv.set(key, value, ttlMs),
  delete: (key) => keyv.delete(key),
  on: (event, listener) => keyv.on(event, listener),
})

function session(clock: { wallMs(): number }, changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = clock.wallMs()
  const times = { createdAt: now, lastSeenAt: now, expiresAt: now + HOUR }
  return { purpose: SESSION_PURPOSE, mode: 'm', accountId: 7, ...times, ...changes }
}

describe('sessions in Keyv', () => {
  it('are seen by every process on one store', async () => {
    const { clock, keyv, store } = house()
    const other = keyvSessions(keyv, { clock })
    await store.set('a', session(clock))
    expect(await other.get('a')).toBeDefined()
    await other.deleteByAccount(7)
    expect(await store.get('a')).toBeUndefined()
  })

  it('are ended also when two logins at one moment left one of them out of the list', async () => {
    const { clock, keyv, store } = house()
    await store.set('a', session(clock))
    const list = await keyv.get('list:account:7')
    await store.set('unlisted', session(clock))
    await keyv.set('list:account:7', list)
    expect((await store.listByAccount(7)).map(({ id }) => id)).toEqual(['a'])
    expect(await store.get('unlisted')).toBeDefined()
    await store.deleteByAccount(7, 'a')
    expect([await store.get('a'), await store.get('unlisted')]).toEqual([expect.anything(), undefined])
  })

  it('are ended also when the session was being written meanwhile', async () => {
    const { clock, keyv, store } = house()
    await store.set('a', session(clock))
    const slow: KeyvMethods = {
      ...methodsOf(keyv),
      async set(key, value, ttlMs) {
        if (key === 'session:late') await store.deleteByAccount(7)
        return keyv.set(key, value, ttlMs)
      },
    }
    await keyvSessions(slow, { clock }).set('late', session(clock))
    expect(await store.get('late')).toBeUndefined()
  })

  it('that began after all others were ended live on', async () => {
    const { clock, store } = house()
    await store.set('a', session(clock))
    await store.deleteByAccount(7)
    await store.set('b', session(clock))
    expect(await store.get('b')).toBeDefined()
    expect(await store.deleteByAccount(7, 'a')).toBe(1)
    expect([await store.get('a'), await store.get('b')]).toEqual([undefined, undefined])
  })

  it('are kept for as long as they can live, and steps for their own time', async () => {
    const { clock, keyv } = house()
    const lives = new Map<string, number>()
    const spy: KeyvMethods = {
      ...methodsOf(keyv),
      set: async (key, _, ttlMs) => lives.set(key, ttlMs),
    }
    const store = keyvSessions(spy, { clock, absoluteSeconds: 7200 })
    await store.set('a', session(clock))
    await store.set('step', session(clock, { purpose: 'oidc', expiresAt: clock.wallMs() + 5 }))
    // Keyv takes a lifetime of nothing for an endless one.
    await store.set('over', session(clock, { purpose: 'oidc', expiresAt: clock.wallMs() }))
    expect([lives.get('session:a'), lives.get('session:step')]).toEqual([2 * HOUR, 5])
    expect([...lives.keys()]).not.toContain('session:over')
  })

  it.each([true, false])('cannot be told while the store is down, with a listener for it: %s', async (hasListener) => {
    const { clock } = house()
    class Down extends KeyvMemoryAdapter {
      override get = async () => Promise.reject(new Error('down'))
      override set = async () => Promise.reject(new Error('down'))
      override delete = async () => Promise.reject(new Error('down'))
    }
    const keyv = new Keyv({ store: new Down(new Map()) })
    if (hasListener) keyv.on('error', () => {})
    const store = keyvSessions(keyv, { clock })
    const answers = [store.get('a'), store.set('a', session(clock)), store.delete('a'), store.listByAccount(7)]
    for (const answer of answers) await expect(answer).rejects.toMatchObject(CANNOT_TELL)
  })

  it('cannot be told either where Keyv says that it kept nothing', async () => {
    const { clock, keyv } = house()
    const full: KeyvMethods = { ...methodsOf(keyv), set: async () => false }
    await expect(keyvSessions(full, { clock }).set('a', session(clock))).rejects.toMatchObject(CANNOT_TELL)
  })
})
