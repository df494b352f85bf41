import { describe, expect, it } from 'vitest'
import { BackendUnavailableError } from '../src/index.ts'
import { CANNOT_TELL } from './login-house.ts'
import { counted, MINUTE, MODE, secretHouse } from './secret-login-house.ts'

const wrong = (text: string) => text.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
const unknown = (text: string) => text.replace(/^lkcli_./, (head) => (head === 'lkcli_a' ? 'lkcli_b' : 'lkcli_a'))

describe('a CLI secret', () => {
  it('lets its owner in, with the groups that the provider named last', async () => {
    const { attempt, jane, accounts } = await secretHouse()
    const result = await attempt('jane', jane.text)
    expect(result).toMatchObject({
      outcome: 'authenticated',
      account: { id: jane.id, username: 'jane', groupIds: await accounts.groupIds(MODE, [{ key: 'dev' }]) },
      secret: { id: jane.secret.id, name: 'laptop' },
    })
    expect(JSON.stringify(result)).not.toContain('digest')
  })

  it('lets people in who have a local account, without asking any provider', async () => {
    const { attempt, tom, provider } = await secretHouse()
    expect(await attempt('Tom', tom.text)).toMatchObject({ outcome: 'authenticated', account: { id: tom.id } })
    expect(provider.used).toEqual([])
  })

  it.each(['jane', 'JANE', 'Jane'])('is taken with any spelling of the name: %s', async (name) => {
    const { outcome, jane } = await secretHouse()
    expect(await outcome(name, jane.text)).toBe('in')
  })

  it.each(['tom', 'jane@example.com', 'janet'])('is nothing beside the name of somebody else: %s', async (name) => {
    const { outcome, jane } = await secretHouse()
    expect(await outcome(name, jane.text)).toBe('not_the_owner')
  })

  it('is compared whole and exactly', async () => {
    const { outcome, lockout, jane, tom } = await secretHouse()
    const mixed = jane.text.slice(0, 18) + tom.text.slice(18)
    for (const text of [wrong(jane.text), mixed, unknown(jane.text)]) {
      expect(await outcome('jane', text)).toBe('bad_credentials')
      lockout.thaw()
    }
    for (const text of ['lkcli_', jane.text.slice(0, -1), `${jane.text}a`, ` ${jane.text}`, jane.text.toUpperCase()]) {
      expect(await outcome('jane', text)).toBe('malformed')
    }
  })

  it('MCH-02: is refused from the instant it expires', async () => {
    const { outcome, issue, clock, tom } = await secretHouse()
    const { text } = await issue(tom.id, 'short', clock.wallMs() + 1000)
    await clock.advance(999)
    expect(await outcome('Tom', text.reveal())).toBe('in')
    await clock.advance(1)
    expect(await outcome('Tom', text.reveal())).toBe('expired')
  })

  it('MCH-02: is refused once it is revoked, and its owner disabled or removed', async () => {
    const { outcome, lockout, secrets, accounts, clock, jane, tom } = await secretHouse()
    await accounts.setDisabled(jane.id, true)
    expect(await outcome('jane', jane.text)).toBe('disabled')
    lockout.thaw()
    await accounts.setDisabled(jane.id, false)
    expect(await outcome('jane', jane.text)).toBe('in')
    await secrets.revoke(jane.id, jane.secret.id, clock.wallMs())
    expect(await outcome('jane', jane.text)).toBe('revoked')
    await accounts.remove(tom.id)
    expect(await outcome('Tom', tom.text)).toBe('account_removed')
  })

  it('never makes an account again that was removed', async () => {
    const house = await secretHouse()
    await house.accounts.remove(house.jane.id)
    expect(await house.outcome('jane', house.jane.text)).toBe('account_removed')
    expect(await house.accounts.findByName({ typed: 'jane', canonical: 'jane' })).toBeUndefined()
  })

  it('is refused to people of a mode that nobody can ask', async () => {
    const { outcome, accounts, issue } = await secretHouse()
    const ldap = { mode: 'ldap_auth', issuer: 'ldap', subject: 'u', username: 'uli', groups: [] }
    const uli = await accounts.onboard(ldap)
    const { text } = await issue(uli!.id, 'laptop')
    expect(await outcome('uli', text.reveal())).toBe('nobody_to_ask')
  })

  it('tells when it was used last, to the minute', async () => {
    const { outcome, secrets, clock, tom } = await secretHouse()
    const lastUsed = async () => {
      expect(await outcome('Tom', tom.text)).toBe('in')
      return (await secrets.list(tom.id))[0]?.lastUsedAt
    }
    const first = clock.wallMs()
    expect(await lastUsed()).toBe(first)
    await clock.advance(MINUTE - 1)
    expect(await lastUsed()).toBe(first)
    await clock.advance(1)
    expect(await lastUsed()).toBe(first + MINUTE)
  })

  it('lets its owner in also when the last use cannot be noted', async () => {
    const touch = async () => Promise.reject(new BackendUnavailableError('database', 'is read-only'))
    const { outcome, tom } = await secretHouse({ wrap: { secrets: (store) => ({ ...store, touch }) } })
    expect(await outcome('Tom', tom.text)).toBe('in')
  })
})

describe('a guess at a CLI secret', () => {
  it('MCH-01: costs the same work whether its id is known or not', async () => {
    const house = await secretHouse()
    const works = []
    for (const text of [wrong(house.jane.text), unknown(house.jane.text)]) {
      const secrets = counted(house.secrets)
      const accounts = counted(house.accounts)
      const { attempt } = await secretHouse({
        wrap: { secrets: () => secrets.store, accounts: () => accounts.store },
      })
      expect(await attempt('jane', text)).toMatchObject({ reason: 'bad_credentials' })
      works.push([...secrets.counts, ...accounts.counts])
    }
    expect(works).toEqual([[['find', 1]], [['find', 1]]])
  })

  it('MCH-01, LCK-06: freezes in a space of its own, by name and by account', async () => {
    const { outcome, lockout, jane } = await secretHouse()
    expect(await outcome('jane', wrong(jane.text))).toBe('bad_credentials')
    expect([...lockout.frozen]).toEqual(['secrets/jane', `account ${jane.id}`])
    expect(await outcome('jane', jane.text)).toBe('frozen')
  })

  it('LCK-05: with another name freezes the owner all the same', async () => {
    const { outcome, lockout, jane } = await secretHouse()
    expect(await outcome('nobody', wrong(jane.text))).toBe('bad_credentials')
    expect(lockout.frozen.has(`account ${jane.id}`)).toBe(true)
    expect(await outcome('jane', jane.text)).toBe('frozen')
  })

  it('that cannot be one is held as long and freezes nobody: it was cut while pasting', async () => {
    const { attempt, lockout, clock, jane } = await secretHouse()
    const arrivedAt = clock.monotonicMs()
    const cut = await attempt('jane', jane.text.slice(0, -3))
    const guess = await attempt('jane', wrong(jane.text))
    expect(cut).toMatchObject({ outcome: 'rejected', answerAt: arrivedAt + 1500 })
    expect(guess).toMatchObject({ outcome: 'rejected', answerAt: arrivedAt + 1500 })
    expect(lockout.reservations).toHaveLength(1)
  })
})

describe('OBS-02: each attempt with a CLI secret leaves one record', () => {
  it('of whose it is, and never of the secret', async () => {
    const { outcome, audit, jane } = await secretHouse()
    await outcome('jane', jane.text)
    await outcome('jane', wrong(jane.text))
    await outcome('jane', jane.text)
    await outcome('a b', 'lkcli_x')
    expect(audit.events).toMatchObject([
      {
        outcome: 'authenticated',
        mode: MODE,
        accountId: jane.id,
        name: 'jane',
        door: 'token',
        details: { secret: jane.secret.id },
      },
      { outcome: 'rejected', reason: 'bad_credentials', accountId: jane.id, details: { secret: jane.secret.id } },
      { outcome: 'frozen', reason: 'frozen' },
      { outcome: 'rejected', reason: 'malformed', name: expect.stringMatching(/^unknown:/) },
    ])
    expect(JSON.stringify(audit.events)).not.toContain(jane.text.slice(-24, -1))
  })

  it('also when the audit throws, somebody gets in', async () => {
    const audit = {
      record() {
        throw new Error('disk full')
      },
    }
    const { outcome, tom } = await secretHouse({ audit })
    expect(await outcome('Tom', tom.text)).toBe('in')
  })
})

describe('what cannot be told', () => {
  const down = async () => Promise.reject(new BackendUnavailableError('database', 'is down'))

  it.each([
    ['the secrets', { wrap: { secrets: (store: object) => ({ ...store, find: down }) as never } }],
    ['the grants', { graceSeconds: 86_400, wrap: { grants: (store: object) => ({ ...store, read: down }) as never } }],
    ['the lease', { graceSeconds: 86_400, wrap: { grants: (store: object) => ({ ...store, lease: down }) as never } }],
  ])('is no refusal, and no reason to let in: %s', async (_, parts) => {
    const { outcome, lockout, audit, clock, jane } = await secretHouse(parts)
    await clock.advance(6 * MINUTE)
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
    expect(lockout.frozen.size).toBe(0)
    expect(audit.events).toMatchObject([{ outcome: 'unavailable' }])
  })

  it('a store that breaks otherwise is an outage, too', async () => {
    const find = async () => Promise.reject(new TypeError('a bug'))
    const { outcome, jane } = await secretHouse({ wrap: { secrets: (store) => ({ ...store, find }) } })
    expect(await outcome('jane', jane.text)).toBe(CANNOT_TELL)
  })
})
