import { countingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type Authenticator, BackendUnavailableError } from '../src/index.ts'
import { CANNOT_TELL, house } from './login-house.ts'

const ldap = fakeAuthenticator({ mode: 'ldap_auth', people: { jane: 'right' } })

describe('answers that are none', () => {
  const answering = (answer: unknown): Authenticator => ({
    ...ldap,
    // A mode written in JavaScript, or against another version of the contract.
    lookUp: async () => ({ account: 'jane', verify: async () => answer as never }),
  })

  it.each([
    ['nothing', undefined],
    ['a truth', true],
    ['an outcome of its own', { outcome: 'ok' }],
    ['a success without an identity', { outcome: 'authenticated' }],
    [
      'an identity of another mode',
      {
        outcome: 'authenticated',
        identity: { mode: 'uaa_auth', issuer: 'uaa', subject: '1', username: 'jane', groups: [] },
      },
    ],
  ])('lets nobody in on %s: it cannot tell', async (_what, answer) => {
    const { outcome, lockout } = house([answering(answer)])
    expect(await outcome('jane', 'right')).toBe(CANNOT_TELL)
    expect(lockout.frozen.size).toBe(0)
  })

  it('cannot tell when a look-up answers with no candidate', async () => {
    const { outcome } = house([{ ...ldap, lookUp: async () => undefined as never }])
    expect(await outcome('jane', 'right')).toBe(CANNOT_TELL)
  })

  it.each(['look-up', 'verification'])(
    'turns whatever a %s throws into "cannot tell" and keeps it as the cause',
    async (step) => {
      const bug = new TypeError('right is not a function')
      const throwing = () => {
        throw bug
      }
      const mode: Authenticator =
        step === 'look-up'
          ? { ...ldap, lookUp: throwing }
          : { ...ldap, lookUp: async () => ({ account: 'jane', verify: throwing }) }
      await expect(house([mode]).attempt('jane', 'right')).rejects.toMatchObject({
        code: CANNOT_TELL,
        backend: 'ldap_auth',
        message: 'ldap_auth: failed unexpectedly',
        cause: bug,
      })
    },
  )

  it('passes a mode’s own "cannot tell" on, but for when to try again, and no sooner than a refusal', async () => {
    const down = new BackendUnavailableError('directory', 'no route', { retryAfterSeconds: 30 })
    const { attempt, clock, lockout } = house([{ ...ldap, lookUp: () => Promise.reject(down) }])
    await expect(attempt('jane', 'right')).rejects.toMatchObject({
      backend: 'directory',
      message: 'directory: no route',
      retryAfterSeconds: 5,
      answerAt: lockout.heldUntil(clock.monotonicMs()),
      cause: down,
    })
  })

  it('cannot tell when the lockout fails', async () => {
    const lockout = { guard: () => Promise.reject(new RangeError('bug')), heldUntil: (at: number) => at }
    const { outcome, audit } = house([ldap], { lockout })
    expect(await outcome('jane', 'right')).toBe(CANNOT_TELL)
    expect(audit.events).toHaveLength(1)
  })
})

describe('malformed credentials', () => {
  it.each([
    ['an empty name', '', 'right'],
    ['a name of 256 characters', 'x'.repeat(256), 'right'],
    ['a control character in the name', 'jane\n', 'right'],
    ['a lone surrogate in the name', 'jane\ud800', 'right'],
    ['an empty password', 'jane', ''],
    ['a password of 1025 bytes', 'jane', 'é'.repeat(513)],
    ['NUL in the password', 'jane', 'right\0'],
    ['a lone surrogate in the password', 'jane', 'right\ud800'],
  ])(
    'LOG-03: %s reaches neither lockout nor backend, and waits like a wrong password',
    async (_what, name, password) => {
      const counting = countingAuthenticator(ldap)
      const { attempt, lockout, clock } = house([counting])
      expect(await attempt(name, password)).toEqual({
        outcome: 'rejected',
        reason: 'malformed',
        answerAt: clock.monotonicMs() + 1500,
        steps: [],
      })
      expect(counting.counts).toEqual({ lookUps: 0, verifications: 0 })
      expect(lockout.guarded).toEqual([])
    },
  )

  it('LOG-03: names of 255 characters and passwords of 1024 bytes reach the backend as they were typed', async () => {
    const name = 'Ж'.repeat(255)
    const password = ` ${'é'.repeat(511)} `
    const wide = fakeAuthenticator({ mode: 'ldap_auth', people: { [name.toLowerCase()]: password } })
    expect(await house([wide]).outcome(name, password)).toBe('in by ldap_auth')
  })
})
