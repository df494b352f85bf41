import { getEventListeners } from 'node:events'
import { countingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import type { Authenticator } from '../src/index.ts'
import { CANNOT_TELL, house } from './login-house.ts'

const ldap = fakeAuthenticator({ mode: 'ldap_auth', people: { jane: 'right' } })

describe('the time budget of a login', () => {
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
