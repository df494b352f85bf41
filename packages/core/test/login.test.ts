import { countingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import type { Account, Authenticator, Identity } from '../src/index.ts'
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

  it('keeps secrets of another kind apart: they have a space of their own, and may be longer than passwords', async () => {
    const token = 't'.repeat(2000)
    const { outcome, lockout } = house([fakeAuthenticator({ people: { jane: token } })], {
      space: 'tokens',
      maxSecretBytes: 2000,
    })
    expect(await outcome('jane', token)).toBe('in by fake_auth')
    expect(await outcome('jane', `${token}t`)).toBe('malformed')
    expect(await outcome('jane', 'wrong')).toBe('bad_credentials')
    expect([...lockout.frozen]).toContain('tokens/jane')
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

it.each([
  ['in place of the password', 'jane', 'lkcli_'],
  ['cut while pasting', 'jane', `lkcli_${'a'.repeat(12)}`],
  ['in place of the name', `lkcli_${'a'.repeat(12)}_${'b'.repeat(24)}`, 'right'],
])('LOG-03: shows no mode a secret for the command line, %s', async (_what, name, password) => {
  const mode = countingAuthenticator(ldap)
  const { attempt, lockout, clock, audit } = house([mode])
  expect(await attempt(name, password)).toEqual({
    outcome: 'rejected',
    reason: 'cli_secret',
    answerAt: lockout.heldUntil(clock.monotonicMs()),
    steps: [],
  })
  expect([mode.counts, lockout.guarded]).toEqual([{ lookUps: 0, verifications: 0 }, []])
  expect(JSON.stringify(audit.events)).not.toContain('lkcli_')
})
