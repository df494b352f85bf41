import { countingAuthenticator, type FailingStep, failingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { CANNOT_TELL, house } from './login-house.ts'

/** Two modes: the first can be made to fail, and so can the second. */
function twoModes(at: { first?: FailingStep; second?: FailingStep }) {
  const first = failingAuthenticator(fakeAuthenticator({ mode: 'ldap_auth', people: { jane: 'right' } }), {
    at: at.first ?? 'nowhere',
  })
  const second = failingAuthenticator(fakeAuthenticator({ mode: 'uaa_auth', people: { john: 'right' } }), {
    at: at.second ?? 'nowhere',
  })
  const counted = [countingAuthenticator(first), countingAuthenticator(second)] as const
  return { first, second, counted, ...house(counted) }
}

const STEPS: readonly FailingStep[] = ['look-up', 'verification']

describe.each(STEPS)('LCK-07: while a later mode fails at its %s', (second) => {
  it('people of an earlier mode log in', async () => {
    const { outcome } = twoModes({ second })
    expect(await outcome('jane', 'right')).toBe('in by ldap_auth')
  })

  it('every failure is "cannot tell", whether the name is known or not', async () => {
    const { outcome } = twoModes({ second })
    for (const name of ['jane', 'john', 'nobody']) expect(await outcome(name, 'wrong')).toBe(CANNOT_TELL)
    expect(await outcome('john', 'right')).toBe(CANNOT_TELL)
  })

  it('a password that an earlier mode refused is counted all the same, and nothing else is', async () => {
    const { outcome, lockout } = twoModes({ second })
    for (const name of ['jane', 'john', 'nobody']) await outcome(name, 'wrong')
    expect(lockout.frozen).toEqual(new Set(['people/jane', 'account ldap_auth:jane']))
  })

  it('a frozen attempt is "cannot tell" too, or it would tell which names are known', async () => {
    const { outcome } = twoModes({ second })
    expect(await outcome('jane', 'wrong')).toBe(CANNOT_TELL)
    expect(await outcome('jane', 'wrong')).toBe(CANNOT_TELL)
    expect(await outcome('jane', 'right')).toBe(CANNOT_TELL)
  })

  it('a frozen attempt is refused again once the mode was seen to answer', async () => {
    const { outcome, second: mode } = twoModes({ second })
    await outcome('jane', 'wrong')
    mode.failAt('nowhere')
    expect(await outcome('nobody', 'wrong')).toBe('unknown_name')
    expect(await outcome('jane', 'wrong')).toBe('frozen')
  })

  it('asking about the frozen again and again does not make the outage last', async () => {
    const { outcome, second: mode, clock, lockout } = twoModes({ second })
    await outcome('jane', 'wrong')
    mode.failAt('nowhere')
    for (let tries = 0; tries < 5; tries++) {
      await clock.advance(1000)
      await outcome('jane', 'wrong')
    }
    lockout.thaw()
    expect(await outcome('jane', 'wrong')).toBe('bad_credentials')
    expect(await outcome('jane', 'wrong')).toBe('frozen')
  })

  it('known and unknown names cost the earlier mode the same, and the one that is down is asked once', async () => {
    const work = async (name: string) => {
      const { outcome, counted } = twoModes({ second })
      await outcome(name, 'wrong')
      return counted.map(({ counts }) => ({ ...counts }))
    }
    const [known, unknown] = [await work('jane'), await work('nobody')]
    expect(unknown).toEqual(known)
    expect(known[0]).toEqual({ lookUps: 1, verifications: 1 })
    expect(known[1]?.lookUps).toBe(1)
  })
})

describe.each(STEPS)('LCK-07: while an earlier mode fails at its %s', (first) => {
  it('its people, and names that nobody knows, get "cannot tell"', async () => {
    const { outcome, lockout } = twoModes({ first })
    for (const password of ['right', 'wrong']) {
      expect(await outcome('jane', password)).toBe(CANNOT_TELL)
      expect(await outcome('nobody', password)).toBe(CANNOT_TELL)
    }
    expect(lockout.frozen.size).toBe(0)
  })

  it('known and unknown names cost the other mode the same', async () => {
    const work = async (name: string) => {
      const { outcome, counted } = twoModes({ first })
      await outcome(name, 'wrong')
      return counted.map(({ counts }) => ({ ...counts }))
    }
    const [known, unknown] = [await work('jane'), await work('nobody')]
    expect(unknown.map(({ verifications }) => verifications)).toEqual(known.map(({ verifications }) => verifications))
    expect(known[1]?.verifications).toBe(1)
  })
})

it('people of a later mode cannot be told from strangers while an earlier mode cannot look names up', async () => {
  const { outcome } = twoModes({ first: 'look-up' })
  expect(await outcome('john', 'right')).toBe(CANNOT_TELL)
})

it('an outage of the only mode answers alike for known and unknown names, and freezes nobody', async () => {
  for (const at of STEPS) {
    const mode = failingAuthenticator(fakeAuthenticator({ people: { jane: 'right' } }), { at })
    const { outcome, lockout } = house([mode])
    for (const name of ['jane', 'nobody']) expect(await outcome(name, 'right')).toBe(CANNOT_TELL)
    expect(lockout.frozen.size).toBe(0)
  }
})

it('a full queue of the lockout is no outage of a mode: frozen attempts stay refused', async () => {
  const { outcome, lockout } = house([fakeAuthenticator({ people: { jane: 'right' } })])
  expect(await outcome('jane', 'wrong')).toBe('bad_credentials')
  const guard = lockout.guard
  lockout.guard = () => Promise.reject(Object.assign(new Error('too many wait'), { code: CANNOT_TELL }))
  expect(await outcome('jane', 'wrong')).toBe(CANNOT_TELL)
  lockout.guard = guard
  expect(await outcome('jane', 'wrong')).toBe('frozen')
})
