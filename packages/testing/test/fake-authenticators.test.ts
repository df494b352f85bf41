import type { Authenticator, AuthResult, Identity } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { countingAuthenticator, failingAuthenticator, fakeAuthenticator, recordingAudit } from '../src/index.ts'

const people = { jane: 'right' }
const call = { signal: new AbortController().signal }

async function ask(authenticator: Authenticator, name: string, password: string): Promise<AuthResult> {
  const candidate = await authenticator.lookUp({ typed: name, canonical: name }, call)
  return candidate.verify(password, call)
}

/** An auth mode with a state of its own, as a class would have it. */
class Remembering implements Authenticator {
  readonly mode = 'remembering_auth'
  readonly claimsEveryName = true
  readonly #inner = fakeAuthenticator({ people })
  #pings = 0

  lookUp(...args: Parameters<Authenticator['lookUp']>) {
    return this.#inner.lookUp(...args)
  }

  async ping() {
    this.#pings += 1
    if (this.#pings > 1) throw new Error('pinged twice')
  }
}

describe('fakeAuthenticator', () => {
  it('knows its people by canonical name', async () => {
    const fake = fakeAuthenticator({ people })
    const identity: Identity = { mode: 'fake_auth', issuer: 'fake_auth', subject: 'jane', username: 'jane', groups: [] }
    expect(await ask(fake, 'jane', 'right')).toEqual({ outcome: 'authenticated', identity })
    expect(await ask(fake, 'jane', 'wrong')).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
    expect(await ask(fake, 'nobody', 'right')).toEqual({ outcome: 'abstained' })
    expect(await ask(fake, '__proto__', 'right')).toEqual({ outcome: 'abstained' })
  })
})

describe('countingAuthenticator', () => {
  it('counts look-ups and verifications apart, stand-ins included', async () => {
    const counting = countingAuthenticator(fakeAuthenticator({ people }))
    await ask(counting, 'jane', 'right')
    await ask(counting, 'nobody', 'right')
    await counting.lookUp({ typed: 'jane', canonical: 'jane' }, call)
    expect(counting.counts).toEqual({ lookUps: 3, verifications: 2 })
    counting.reset()
    expect(counting.counts).toEqual({ lookUps: 0, verifications: 0 })
  })

  it('passes on what else the mode can do, and its answers', async () => {
    const counting = countingAuthenticator(new Remembering())
    expect(counting.claimsEveryName).toBe(true)
    expect(counting.searchUser).toBeUndefined()
    await counting.ping?.(call)
    await expect(counting.ping?.(call)).rejects.toThrow('pinged twice')
    expect(await ask(counting, 'jane', 'right')).toMatchObject({ outcome: 'authenticated' })
  })
})

describe('failingAuthenticator', () => {
  it('fails where it is told to, and can be mended', async () => {
    const failing = failingAuthenticator(fakeAuthenticator({ people }))
    const down = { code: 'ERR_BACKEND_UNAVAILABLE' }
    await expect(failing.lookUp({ typed: 'jane', canonical: 'jane' }, call)).rejects.toMatchObject(down)
    failing.failAt('verification')
    const candidate = await failing.lookUp({ typed: 'jane', canonical: 'jane' }, call)
    expect(candidate.account).toBe('jane')
    await expect(candidate.verify('right', call)).rejects.toMatchObject(down)
    failing.failAt('nowhere')
    expect(await ask(failing, 'jane', 'right')).toMatchObject({ outcome: 'authenticated' })
  })

  it('fails in the way it is given', async () => {
    const fail = () => Promise.reject(new TypeError('a bug'))
    const failing = failingAuthenticator(fakeAuthenticator({ people }), { at: 'verification', fail })
    await expect(ask(failing, 'jane', 'right')).rejects.toThrow('a bug')
  })
})

describe('recordingAudit', () => {
  it('keeps events in order', () => {
    const audit = recordingAudit()
    audit.record({ type: 'login', at: '2026-01-01T00:00:00.000Z', outcome: 'rejected' })
    audit.record({ type: 'login', at: '2026-01-01T00:00:01.000Z', outcome: 'authenticated' })
    expect(audit.events.map(({ outcome }) => outcome)).toEqual(['rejected', 'authenticated'])
  })
})
