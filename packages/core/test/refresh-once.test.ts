import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  BackendUnavailableError,
  type Grant,
  type GrantShelf,
  type Identity,
  type KeptGrant,
  type Refreshed,
  refreshOnce,
  systemClock,
} from '../src/index.ts'

const GRANT: Grant = { issuer: 'https://idp.example.com', subject: 'jane-1', refreshToken: 'refresh-1' }
const IDENTITY = { mode: 'oidc_auth', issuer: GRANT.issuer, subject: 'jane-1', username: 'jane', groups: [] }
const renewed = (grant: Grant): Grant => ({ ...grant, refreshToken: `${grant.refreshToken}+` })

/** A shelf as several processes share it, with a provider that ends the grant when a refresh token is used twice. */
function makeHouse(answer: (grant: Grant) => Refreshed = authenticated) {
  let kept: KeptGrant | undefined = { grant: GRANT, version: '1' }
  let lease: { holder: string; endsAt: number } | undefined
  const used: (string | undefined)[] = []
  const shelf: GrantShelf = {
    read: async () => kept,
    async lease(holder, leaseMs) {
      const now = performance.now()
      if (lease !== undefined && lease.endsAt > now && lease.holder !== holder) return false
      lease = { holder, endsAt: now + leaseMs }
      return true
    },
    async release(holder) {
      if (lease?.holder === holder) lease = undefined
    },
    async replace(version, grant) {
      if (kept?.version !== version) return false
      kept = { grant, version: String(Number(version) + 1) }
      return true
    },
  }
  const refresh = async (grant: Grant): Promise<Refreshed> => {
    used.push(grant.refreshToken)
    await delay(20)
    return answer(grant)
  }
  return {
    shelf,
    used,
    kept: () => kept,
    remove: () => {
      kept = undefined
    },
    ask: (signal = AbortSignal.timeout(5000), leaseMs = 1000) =>
      refreshOnce({ grant: GRANT, version: '1' }, shelf, refresh, {
        clock: systemClock,
        signal,
        leaseMs,
        mode: 'oidc_auth',
      }),
  }
}

function authenticated(grant: Grant): Refreshed {
  return { outcome: 'authenticated', identity: IDENTITY, grant: renewed(grant) }
}

describe('OID-11: a grant that fifty ask for at once', () => {
  it('is refreshed once, and everybody gets an answer', async () => {
    const house = makeHouse()
    const answers = await Promise.all(Array.from({ length: 50 }, () => house.ask()))
    expect(house.used).toEqual(['refresh-1'])
    expect(answers.filter(({ outcome }) => outcome === 'authenticated')).toHaveLength(1)
    expect(answers.filter(({ outcome }) => outcome === 'changed')).toHaveLength(49)
    expect(house.kept()?.grant.refreshToken).toBe('refresh-1+')
  })

  it('is refused to the one who asked, and kept as it was', async () => {
    const house = makeHouse(() => ({ outcome: 'rejected', reason: 'refresh_refused' }))
    expect(await house.ask()).toEqual({ outcome: 'rejected', reason: 'refresh_refused' })
    expect(house.kept()?.version).toBe('1')
  })

  it('is dropped when the provider refuses it, where the shelf drops, and the others are refused', async () => {
    const house = makeHouse(() => ({ outcome: 'rejected', reason: 'refresh_refused' }))
    house.shelf.drop = async (version) => version === house.kept()?.version && house.remove()
    const answers = await Promise.all([house.ask(), house.ask(), house.ask()])
    expect(answers.map((answer) => 'reason' in answer && answer.reason)).toEqual([
      'refresh_refused',
      'grant_removed',
      'grant_removed',
    ])
    expect(house.used).toEqual(['refresh-1'])
  })

  it('is kept beside who the provider says it is, and beside nobody when it cannot say', async () => {
    const kept: (Identity | undefined)[] = []
    const error = new BackendUnavailableError('oidc_auth', 'userinfo is down')
    for (const answer of [authenticated, (grant: Grant): Refreshed => ({ outcome: 'unavailable', grant, error })]) {
      const house = makeHouse(answer)
      house.shelf.replace = async (_version, _grant, identity) => {
        kept.push(identity)
        return true
      }
      await house.ask().catch(() => {})
    }
    expect(kept).toEqual([IDENTITY, undefined])
  })

  it('is refreshed by the next one when the first could not reach the provider', async () => {
    let isDown = true
    const house = makeHouse((grant) => {
      if (!isDown) return authenticated(grant)
      isDown = false
      throw new BackendUnavailableError('oidc_auth', 'is down')
    })
    await expect(house.ask()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(await house.ask()).toMatchObject({ outcome: 'authenticated' })
  })

  it('is kept in its new form when the provider fell silent after giving it', async () => {
    const error = new BackendUnavailableError('oidc_auth', 'userinfo is down')
    const house = makeHouse((grant) => ({ outcome: 'unavailable', grant: renewed(grant), error }))
    await expect(house.ask()).rejects.toBe(error)
    expect(house.kept()?.grant.refreshToken).toBe('refresh-1+')
  })

  it('is free again when its holder died', async () => {
    const house = makeHouse()
    await house.shelf.lease('a process that died', 100)
    expect(await house.ask()).toMatchObject({ outcome: 'authenticated' })
  })

  it('is waited for no longer than the time budget', async () => {
    const house = makeHouse()
    await house.shelf.lease('a process that hangs', 60_000)
    await expect(house.ask(AbortSignal.timeout(120))).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(house.used).toEqual([])
  })

  it('is nobody’s when it was taken away meanwhile', async () => {
    const house = makeHouse()
    house.remove()
    expect(await house.ask()).toEqual({ outcome: 'rejected', reason: 'grant_removed' })
    expect(house.used).toEqual([])
  })
})
