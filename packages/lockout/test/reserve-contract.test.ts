import type { Reserve } from '@lockkeeper/core'
import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { createLockout, memoryLockoutStore } from '../src/index.ts'
import { attempt, type Verdict } from './password-backend.ts'

function setUp() {
  const clock = fakeClock()
  const lockout = createLockout({ store: memoryLockoutStore({ clock }), clock })
  return (verify: (reserve: Reserve) => Promise<Verdict>, secret = 'secret') =>
    lockout.guard(attempt('jane', secret), verify)
}

const authenticated: Verdict = { outcome: 'authenticated' }
const rejected: Verdict = { outcome: 'rejected' }
const frozen: Verdict = { outcome: 'frozen' }

describe('a verification', () => {
  it.each([authenticated, rejected, frozen])('that answers $outcome without asking is no login', async (verdict) => {
    const guard = setUp()
    await expect(guard(async () => verdict)).rejects.toThrow(TypeError)
  })

  it('may ask twice for the same account', async () => {
    const guard = setUp()
    const { result } = await guard(async (reserve) => {
      await reserve('1')
      return (await reserve('1')) ? authenticated : frozen
    })
    expect(result).toBe(authenticated)
  })

  it('may not ask for another account, even when it swallows the error', async () => {
    const guard = setUp()
    const greedy = guard(async (reserve) => {
      await reserve('1')
      await reserve('2').catch(() => {})
      return authenticated
    })
    await expect(greedy).rejects.toThrow('reserve was called for two accounts')
    expect((await guard(async (reserve) => ((await reserve('1')) ? authenticated : frozen))).result).toBe(authenticated)
  })

  it('may not answer before it knows whether it may', async () => {
    const guard = setUp()
    const hasty = guard(async (reserve) => {
      void reserve('1')
      return authenticated
    })
    await expect(hasty).rejects.toThrow('when reserve had answered nothing')
    expect((await guard(async (reserve) => ((await reserve('1')) ? authenticated : frozen))).result).toBe(authenticated)
  })

  it('may not verify what is frozen', async () => {
    const guard = setUp()
    await guard(async (reserve) => ((await reserve('1')) ? rejected : frozen))
    const stubborn = guard(async (reserve) => {
      await reserve('1')
      return authenticated
    }, 'other')
    await expect(stubborn).rejects.toThrow('answered authenticated when reserve had answered false')
  })

  it('may not call frozen what it was granted', async () => {
    const guard = setUp()
    const shy = guard(async (reserve) => {
      await reserve('1')
      return frozen
    })
    await expect(shy).rejects.toThrow('answered frozen when reserve had answered true')
  })

  it('may not keep the key for later', async () => {
    const guard = setUp()
    let kept: Reserve | undefined
    await guard(async (reserve) => {
      kept = reserve
      return (await reserve('1')) ? authenticated : frozen
    })
    await expect(kept?.('1')).rejects.toThrow('after its verification had ended')
  })

  it('that throws at once counts as nothing', async () => {
    const guard = setUp()
    const thrown = guard(() => {
      throw new RangeError('a bug')
    })
    await expect(thrown).rejects.toThrow(RangeError)
  })
})
