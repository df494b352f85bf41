import { failingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type AuditEvent, unknownName } from '../src/index.ts'
import { house } from './login-house.ts'

const people = { jane: 'correct horse' }
const common = { type: 'login', at: '2026-01-01T00:00:00.000Z', door: 'token', source: '192.0.2.7' } as const

describe('OBS-02: each attempt leaves one record', () => {
  const ldap = fakeAuthenticator({ mode: 'ldap_auth', people })

  it('of a success: the stored name and the account', async () => {
    const { attempt, audit } = house([ldap])
    await attempt('Jane', 'correct horse', { requestId: 'r-1' })
    const record = { outcome: 'authenticated', mode: 'ldap_auth', accountId: 1, name: 'jane', requestId: 'r-1' }
    expect(audit.events).toEqual([{ ...common, ...record }])
  })

  it('of a refusal: the canonical name, since a mode knows it, and the reason', async () => {
    const { attempt, audit } = house([ldap])
    await attempt('JANE', 'wrong')
    const record = { outcome: 'rejected', reason: 'bad_credentials', mode: 'ldap_auth', name: 'jane' }
    expect(audit.events).toEqual([{ ...common, ...record }])
  })

  it('of a frozen attempt: who is frozen', async () => {
    const { attempt, audit } = house([ldap])
    await attempt('jane', 'wrong')
    await attempt('jane', 'correct horse')
    const record = { outcome: 'frozen', reason: 'frozen', mode: 'ldap_auth', name: 'jane' }
    expect(audit.events.slice(1)).toEqual([{ ...common, ...record }])
  })

  it('of a frozen attempt that the lockout answered by itself', async () => {
    const lockout = {
      guard: async () => ({ result: { outcome: 'frozen' as const }, answerAt: 1500 }),
      heldUntil: (at: number) => at,
    }
    const { attempt, audit } = house([ldap], { lockout })
    expect(await attempt('jane', 'wrong')).toMatchObject({ outcome: 'rejected', reason: 'frozen', answerAt: 1500 })
    expect(audit.events).toEqual([{ ...common, outcome: 'frozen', reason: 'frozen', name: unknownName('jane') }])
  })

  it('of an outage: which backend, also when a known name was refused', async () => {
    const down = failingAuthenticator(fakeAuthenticator({ mode: 'uaa_auth', people: {} }))
    const { attempt, audit } = house([ldap, down])
    for (const name of ['jane', 'nobody']) await attempt(name, 'wrong').catch(() => {})
    expect(audit.events.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['unavailable', 'uaa_auth: is down for a test'],
      ['unavailable', 'uaa_auth: is down for a test'],
    ])
  })

  it('of malformed credentials', async () => {
    const { attempt, audit } = house([ldap])
    await attempt('Jane ', 'wrong')
    const record = { outcome: 'rejected', reason: 'malformed', name: unknownName('Jane ') }
    expect(audit.events).toEqual([{ ...common, ...record }])
  })
})

describe('OBS-01: no record holds a secret', () => {
  const secret = 'S3cret-typed-in-the-wrong-field'

  it.each([
    ['as the password of a known name', 'jane', secret],
    ['as the name', secret, 'x'],
    ['as a malformed name', `${secret}\n`, 'x'],
    ['as a password that is too long', 'jane', secret.repeat(40)],
  ])('typed %s', async (_where, name, password) => {
    const { attempt, audit } = house([fakeAuthenticator({ people })])
    await attempt(name, password)
    await attempt(name, password)
    expect(audit.events).toHaveLength(2)
    expect(JSON.stringify(audit.events).toLowerCase()).not.toContain(secret.toLowerCase())
  })

  it('when a mode throws an error that holds the password', async () => {
    const fail = () => Promise.reject(new Error(`refused ${secret}`))
    const { attempt, audit } = house([
      failingAuthenticator(fakeAuthenticator({ people }), { at: 'verification', fail }),
    ])
    await expect(attempt('jane', secret)).rejects.toThrow()
    expect(audit.events).toHaveLength(1)
    expect(JSON.stringify(audit.events)).not.toContain(secret)
  })
})

it('a digest of an unknown name is the same for equal names and tells nothing else', () => {
  expect(unknownName('jane')).toMatch(/^unknown:[0-9a-f]{12}$/)
  expect(unknownName('jane')).toBe(unknownName('jane'))
  expect(unknownName('jane')).not.toBe(unknownName('john'))
})

it('a sink that throws lets nobody in and keeps nobody out', async () => {
  const audit = {
    record(_event: AuditEvent) {
      throw new Error('disk full')
    },
  }
  const { outcome } = house([fakeAuthenticator({ people })], { audit })
  expect(await outcome('jane', 'correct horse')).toBe('in by fake_auth')
  expect(await outcome('jane', 'wrong')).toBe('bad_credentials')
  expect(await outcome('', 'wrong')).toBe('malformed')
})
