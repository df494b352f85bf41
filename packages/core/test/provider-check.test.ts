import { describe, expect, it } from 'vitest'
import { CANNOT_TELL } from './login-house.ts'
import { ISSUER, MINUTE, MODE, secretHouse } from './secret-login-house.ts'

const HOUR = 60 * MINUTE

describe('OID-11: the provider of somebody with a CLI secret', () => {
  it('is asked at most once per interval', async () => {
    const { outcome, provider, clock, jane } = await secretHouse({ checkEverySeconds: 300 })
    const use = async (ms: number) => {
      await clock.advance(ms)
      expect(await outcome('jane', jane.text)).toBe('in')
      return provider.used.length
    }
    expect(await use(5 * MINUTE - 1)).toBe(0)
    expect(await use(1)).toBe(1)
    expect(await use(5 * MINUTE - 1)).toBe(1)
    expect(await use(1)).toBe(2)
    expect(provider.used).toEqual(['r0', 'r1'])
  })

  it('is asked at each login, and once, when the interval is 0', async () => {
    const { outcome, provider, jane } = await secretHouse({ checkEverySeconds: 0 })
    expect(await outcome('jane', jane.text)).toBe('in')
    expect(await outcome('jane', jane.text)).toBe('in')
    expect(provider.used).toEqual(['r0', 'r1'])
  })

  it('is asked once by fifty secrets at a time', async () => {
    const { outcome, issue, provider, clock, jane } = await secretHouse()
    const texts = [jane.text]
    for (let i = 0; i < 49; i++) texts.push((await issue(jane.id, `laptop ${i}`)).text.reveal())
    await clock.advance(HOUR)
    const answers = texts.map((text) => outcome('jane', text))
    // Those who wait for the one who asks look again every 50 ms.
    for (let i = 0; i < 10; i++) await clock.advance(50)
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['in']))
    expect(provider.used).toEqual(['r0'])
  })

  it('decides the groups of the next logins', async () => {
    const { attempt, provider, clock, jane, accounts } = await secretHouse()
    provider.groups = ['ops', 'dev']
    await clock.advance(HOUR)
    const ids = await accounts.groupIds(MODE, [{ key: 'ops' }, { key: 'dev' }])
    expect(await attempt('jane', jane.text)).toMatchObject({ account: { groupIds: ids } })
  })

  it('ends the secret at once when it refuses, until the owner signs in again', async () => {
    const { outcome, lockout, provider, grants, signIn, clock, jane } = await secretHouse({ graceSeconds: 86_400 })
    provider.mood = 'refuses'
    await clock.advance(HOUR)
    expect(await outcome('jane', jane.text)).toBe('refresh_refused')
    expect(await grants.read(jane.id)).toBeUndefined()
    lockout.thaw()
    provider.mood = 'well'
    expect(await outcome('jane', jane.text)).toBe('no_grant')
    expect(provider.used).toHaveLength(1)
    lockout.thaw()
    await signIn()
    expect(await outcome('jane', jane.text)).toBe('in')
  })

  it('is another question than who somebody at the provider is by now', async () => {
    const { outcome, grants, accounts, clock, jane } = await secretHouse()
    const kept = (await grants.read(jane.id))!
    const joe = { mode: MODE, issuer: ISSUER, subject: 'joe-1', username: 'joe', groups: [] }
    await accounts.onboard(joe)
    await grants.put(jane.id, { ...kept, identity: joe, checkedAt: clock.wallMs() })
    expect(await outcome('jane', jane.text)).toBe('linked_elsewhere')
  })

  it('is asked again when the clock was set back: an old word does not become a new one', async () => {
    const { outcome, provider, clock, jane } = await secretHouse()
    clock.moveWall(-HOUR)
    expect(await outcome('jane', jane.text)).toBe('in')
    expect(provider.used).toHaveLength(1)
  })
})

describe('a provider that is down', () => {
  it('is an outage for its people, and freezes nobody', async () => {
    const { outcome, lockout, provider, clock, jane, tom } = await secretHouse()
    provider.mood = 'down'
    await clock.advance(HOUR)
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
    expect(await outcome('Tom', tom.text)).toBe('in')
    expect(lockout.frozen.size).toBe(0)
  })

  it('is not missed within the interval', async () => {
    const { outcome, provider, jane } = await secretHouse()
    provider.mood = 'down'
    expect(await outcome('jane', jane.text)).toBe('in')
  })

  it('is not asked by everybody again: for 5 s its last failure is the answer', async () => {
    const { outcome, provider, clock, jane } = await secretHouse()
    provider.mood = 'down'
    await clock.advance(HOUR)
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
    provider.mood = 'well'
    await clock.advance(4999)
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
    expect(provider.used).toHaveLength(1)
    await clock.advance(1)
    expect(await outcome('jane', jane.text)).toBe('in')
  })

  it('lets people in within the grace period that the operator set, to the millisecond, and the audit says so', async () => {
    const { outcome, provider, clock, audit, jane } = await secretHouse({ graceSeconds: 3600 })
    const saidAt = new Date(clock.wallMs()).toISOString()
    provider.mood = 'down'
    await clock.advance(HOUR - 1)
    expect(await outcome('jane', jane.text)).toBe('in')
    expect(audit.events.at(-1)).toMatchObject({
      outcome: 'authenticated',
      details: { provider: 'unavailable', lastChecked: saidAt },
    })
    await clock.advance(1)
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
  })

  it('keeps nobody in grace waiting for longer than 3 s when it hangs', async () => {
    const { outcome, provider, clock, jane } = await secretHouse({ graceSeconds: 3600 })
    provider.mood = 'hangs'
    await clock.advance(30 * MINUTE)
    const answer = outcome('jane', jane.text)
    let settled = false
    answer.finally(() => {
      settled = true
    })
    await clock.advance(2999)
    expect(settled).toBe(false)
    await clock.advance(1)
    expect(await answer).toBe('in')
  })

  it('keeps others waiting for the time budget of a login at most', async () => {
    const { outcome, provider, clock, jane } = await secretHouse()
    provider.mood = 'hangs'
    await clock.advance(HOUR)
    const answer = outcome('jane', jane.text)
    await clock.advance(10_000)
    expect(await answer).toBe(CANNOT_TELL)
  })

  it('after it took the refresh token and gave another, loses nobody: the new one is kept', async () => {
    const { outcome, provider, grants, clock, jane } = await secretHouse()
    provider.mood = 'half'
    await clock.advance(HOUR)
    const before = (await grants.read(jane.id))!
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
    const after = await grants.read(jane.id)
    expect(after).toMatchObject({ grant: { refreshToken: 'r1' }, checkedAt: before.checkedAt })
    provider.mood = 'well'
    await clock.advance(5000)
    expect(await outcome('jane', jane.text)).toBe('in')
    expect(provider.used).toEqual(['r0', 'r1'])
  })
})
