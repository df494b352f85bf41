import { getEventListeners } from 'node:events'
import { countingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type Account, type Authenticator, BackendUnavailableError, type Identity } from '../src/index.ts'
import { CANNOT_TELL, claimsEveryName, house } from './login-house.ts'

const ldap = fakeAuthenticator({ mode: 'ldap_auth', people: { jane: 'right', both: 'ldap' } })
const uaa = fakeAuthenticator({ mode: 'uaa_auth', people: { john: 'right', both: 'uaa' } })

describe('several modes', () => {
  it('lets people of every mode in, each by the mode that knows the name', async () => {
    const { outcome } = house([ldap, uaa])
    expect(await outcome('jane', 'right')).toBe('in by ldap_auth')
    expect(await outcome('john', 'right')).toBe('in by uaa_auth')
  })

  it('gives a name that two modes know to the first, and never tries the password on the second', async () => {
    const { outcome, lockout } = house([ldap, uaa])
    expect(await outcome('both', 'uaa')).toBe('bad_credentials')
    lockout.thaw()
    expect(await outcome('both', 'ldap')).toBe('in by ldap_auth')
    expect(await house([uaa, ldap]).outcome('both', 'uaa')).toBe('in by uaa_auth')
  })

  it('shows no mode the password of a name that is not its own', async () => {
    const seen: string[] = []
    const curious: Authenticator = {
      mode: 'curious_auth',
      lookUp: async () => ({
        async verify(password) {
          seen.push(password)
          return { outcome: 'abstained' }
        },
      }),
    }
    const { outcome, lockout } = house([curious, ldap])
    await outcome('jane', 'right')
    await outcome('jane', 'wrong')
    lockout.thaw()
    await outcome('nobody', 'typed in vain')
    expect(seen).toHaveLength(2)
    expect(seen).not.toContain('wrong')
    expect(seen.map(({ length }) => length)).toEqual(['wrong'.length, 'typed in vain'.length])
  })

  it('refuses a name that nobody knows, and the refusal freezes the name', async () => {
    const { outcome, lockout } = house([ldap, uaa])
    expect(await outcome('nobody', 'right')).toBe('unknown_name')
    expect(lockout.frozen).toEqual(new Set(['people/nobody']))
    expect(await outcome('NOBODY', 'right')).toBe('frozen')
  })

  it('asks a mode that claims every name when no other knows it', async () => {
    const { outcome, lockout } = house([ldap, claimsEveryName('http_auth', { ann: 'right' })])
    expect(await outcome('ann', 'right')).toBe('in by http_auth')
    expect(await outcome('jane', 'right')).toBe('in by ldap_auth')
    expect(await outcome('jane', 'wrong')).toBe('bad_credentials')
    expect(lockout.frozen).toEqual(new Set(['people/jane', 'account ldap_auth:jane']))
  })

  it('counts a password that the last mode tried and then called nobody’s', async () => {
    const { outcome, lockout } = house([claimsEveryName('http_auth', {})])
    expect(await outcome('ann', 'guess')).toBe('unknown_name')
    expect(lockout.frozen).toEqual(new Set(['people/ann']))
  })
})

describe('the freeze', () => {
  it('is taken on the canonical name and on the account it resolved to, before anything is verified', async () => {
    const counting = countingAuthenticator(ldap)
    const { attempt, lockout } = house([counting])
    await attempt('Jane', 'wrong')
    expect(lockout.guarded).toEqual([{ name: 'jane', secret: 'wrong', source: '192.0.2.7' }])
    expect(lockout.reservations).toEqual([['people/jane', 'account ldap_auth:jane']])
    counting.reset()
    expect(await attempt('jane', 'right')).toMatchObject({ outcome: 'rejected', reason: 'frozen' })
    expect(counting.counts.verifications).toBe(0)
  })

  it('freezes an account for every name it is known by', async () => {
    const aliases: Authenticator = {
      mode: 'ldap_auth',
      lookUp: async (_name, call) => {
        const candidate = await ldap.lookUp({ typed: 'jane', canonical: 'jane' }, call)
        return { account: 'uuid-1', verify: candidate.verify }
      },
    }
    const { outcome } = house([aliases])
    expect(await outcome('jane@example.org', 'wrong')).toBe('bad_credentials')
    expect(await outcome('jane', 'right')).toBe('frozen')
  })

  it('tells apart accounts of two modes that have one key', async () => {
    const { lockout, outcome } = house([
      fakeAuthenticator({ mode: 'ldap_auth', people: { x: '1' } }),
      fakeAuthenticator({ mode: 'ldap_auth/emea', people: { y: '1' } }),
    ])
    await outcome('x', 'wrong')
    await outcome('y', 'wrong')
    expect([...lockout.frozen].filter((key) => key.startsWith('account'))).toEqual([
      'account ldap_auth:x',
      'account ldap_auth/emea:y',
    ])
  })

  it('holds a refusal for as long as the lockout says, and a success not at all', async () => {
    const { attempt, clock } = house([ldap])
    expect(await attempt('jane', 'right')).not.toHaveProperty('answerAt')
    expect(await attempt('jane', 'wrong')).toMatchObject({ answerAt: clock.monotonicMs() + 1500 })
  })
})

describe('admission', () => {
  it('runs inside the guard: a right password of a disabled account is refused and counted like a wrong one', async () => {
    const { outcome, accounts, lockout } = house([ldap])
    await outcome('jane', 'right')
    await accounts.setDisabled(1, true)
    expect(await outcome('jane', 'right')).toBe('disabled')
    expect(lockout.frozen).toContain('account ldap_auth:jane')
  })

  it('refuses an identity whose name belongs to somebody else, or that should choose a name first', async () => {
    const taken = house([ldap])
    await taken.accounts.add({ username: 'jane' })
    expect(await taken.outcome('jane', 'right')).toBe('name_conflict')
    const choosy = house([ldap], {
      accounts: { admit: async () => ({ outcome: 'choose_name' }), version: async () => undefined },
    })
    expect(await choosy.outcome('jane', 'right')).toBe('name_conflict')
  })

  it('calls afterLogin with account and identity after a success, and only then', async () => {
    const calls: [Pick<Account, 'id' | 'username'>, Identity][] = []
    const hooked: Authenticator = {
      ...ldap,
      async afterLogin(account, identity) {
        calls.push([account, identity])
      },
    }
    const { outcome } = house([hooked])
    await outcome('jane', 'right')
    await outcome('jane', 'wrong')
    expect(calls).toEqual([
      [expect.objectContaining({ id: 1, username: 'jane' }), expect.objectContaining({ subject: 'jane' })],
    ])
  })

  it('cannot tell when the accounts or afterLogin fail, and counts nothing', async () => {
    const broken = async (): Promise<never> => Promise.reject(new Error('disk full'))
    const accounts = { admit: broken, version: async () => undefined }
    for (const { outcome, lockout } of [house([ldap], { accounts }), house([{ ...ldap, afterLogin: broken }])]) {
      expect(await outcome('jane', 'right')).toBe(CANNOT_TELL)
      expect(lockout.frozen.size).toBe(0)
    }
  })
})

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

  it('passes a mode’s own "cannot tell" on as it is', async () => {
    const down = new BackendUnavailableError('directory', 'no route', { retryAfterSeconds: 30 })
    const { attempt } = house([{ ...ldap, lookUp: () => Promise.reject(down) }])
    await expect(attempt('jane', 'right')).rejects.toBe(down)
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

describe('the time budget', () => {
  const hanging: Authenticator = { mode: 'slow_auth', lookUp: () => new Promise(() => {}) }

  it('ends a login whose backend never answers, even one that ignores the signal', async () => {
    const { attempt, clock, lockout } = house([hanging], { budgetMs: 3000 })
    const result = attempt('jane', 'right').catch((error: unknown) => error)
    await clock.advance(2999)
    expect(clock.pendingSleeps).toBe(1)
    await clock.advance(1)
    expect(await result).toMatchObject({ code: CANNOT_TELL, message: expect.stringContaining('time budget') })
    expect(lockout.frozen.size).toBe(0)
  })

  it('aborts the signal that the backend was given', async () => {
    let signal: AbortSignal | undefined
    const { attempt, clock } = house([
      {
        mode: 'slow_auth',
        lookUp: (_name, call) => {
          signal = call.signal
          return new Promise(() => {})
        },
      },
    ])
    const result = attempt('jane', 'right').catch(() => {})
    await clock.advance(9_999)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    await result
    expect(signal?.aborted).toBe(true)
  })

  it('leaves no timer and no listener behind, and aborts nothing, when the login ends in time', async () => {
    let signal: AbortSignal | undefined
    const watching: Authenticator = {
      ...ldap,
      lookUp(name, call) {
        signal = call.signal
        return ldap.lookUp(name, call)
      },
    }
    const { outcome, clock } = house([watching])
    await outcome('jane', 'right')
    expect(clock.pendingSleeps).toBe(0)
    expect(signal && getEventListeners(signal, 'abort')).toEqual([])
    await clock.advance(60_000)
    expect(signal?.aborted).toBe(false)
  })

  it('asks nobody anything more once it is spent', async () => {
    const counting = countingAuthenticator(ldap)
    const { attempt, clock } = house([hanging, counting])
    const result = attempt('jane', 'right').catch(() => {})
    await clock.advance(10_000)
    await result
    expect(counting.counts).toEqual({ lookUps: 0, verifications: 0 })
  })

  it('drops what a slow backend answers after the budget, a rejection included', async () => {
    let answer: (candidate: never) => void = () => {}
    const { attempt, clock } = house([
      { mode: 'slow_auth', lookUp: () => new Promise((resolve) => (answer = resolve)) },
    ])
    const result = attempt('jane', 'right').catch((error: unknown) => error)
    await clock.advance(10_000)
    answer(Promise.reject(new Error('too late')) as never)
    expect(await result).toMatchObject({ code: CANNOT_TELL })
  })
})

it('leaves a trace of who was asked and what it said', async () => {
  const { attempt } = house([ldap, uaa])
  expect((await attempt('john', 'right')).steps).toEqual([
    { name: 'ldap_auth', outcome: 'does not know the name' },
    { name: 'uaa_auth', outcome: 'knows the name' },
    { name: 'uaa_auth', outcome: 'authenticated' },
    { name: 'accounts', outcome: 'admitted' },
  ])
  expect((await attempt('jane', 'wrong')).steps).toEqual([
    { name: 'ldap_auth', outcome: 'knows the name' },
    { name: 'ldap_auth', outcome: 'rejected' },
    { name: 'uaa_auth', outcome: 'stand-in' },
  ])
})
