import {
  type Authenticator,
  abstained,
  BackendUnavailableError,
  type MemoryAccounts,
  memoryAccounts,
  rejected,
} from '@lockkeeper/core'
import { createLockout, memoryLockoutStore, withFallback } from '@lockkeeper/lockout'
import { type FakeClock, fakeClock } from '@lockkeeper/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLockDesk } from '../src/lockout/lock-desk.ts'

let clock: FakeClock
let accounts: MemoryAccounts
let store: ReturnType<typeof memoryLockoutStore>
beforeEach(async () => {
  clock = fakeClock()
  accounts = memoryAccounts()
  store = memoryLockoutStore({ clock })
  await accounts.add({ username: 'Jane', email: 'jane@example.com' })
})

/** `db_auth` as far as a desk asks it. */
const local: Authenticator = {
  mode: 'db_auth',
  async lookUp(name) {
    const row = await accounts.find(name)
    return {
      ...(row && { account: String(row.account.id) }),
      verify: async () => (row ? rejected('bad_credentials') : abstained),
    }
  },
}

const directory: Authenticator = {
  mode: 'ldap_auth',
  lookUp: async ({ canonical }) => ({
    ...(canonical === 'john' && { account: 'uuid-1' }),
    verify: async () => rejected('bad_credentials'),
  }),
}

/** One process: its own engine on the store that all share. */
function desk(modes: readonly Authenticator[] = [local, directory]) {
  const lockout = createLockout({ store, clock })
  const fail = (name: string, account?: string) =>
    lockout.guard({ space: 'people', name, secret: 'wrong', source: '192.0.2.7' }, async (reserve) => ({
      outcome: (await reserve(account)) ? 'rejected' : 'frozen',
    }))
  return { ...createLockDesk({ lockout, accounts, modes }), fail }
}

const seen = { since: expect.stringMatching(/Z$/), forMs: 1500, failures: 1, source: '192.0.2.7', space: 'people' }

describe('the list of who is frozen', () => {
  it('is empty while nobody is', async () => {
    expect(await desk().list()).toEqual([])
  })

  it('names known accounts, and shows a name that nobody has as a short digest', async () => {
    const { fail, list } = desk()
    await fail('jane', 'db_auth:1')
    await fail('john', 'ldap_auth:uuid-1')
    await fail('hunter2')
    const shown = await list()
    expect(shown).toEqual(
      expect.arrayContaining([
        { ...seen, who: 'jane', what: 'name', key: expect.any(String) },
        { ...seen, who: 'Jane', what: 'account', key: expect.any(String) },
        { ...seen, who: 'john', what: 'name', key: expect.any(String) },
        { ...seen, who: 'ldap_auth:uuid-1', what: 'account', key: expect.any(String) },
        { ...seen, who: expect.stringMatching(/^unknown:[0-9a-f]{12}$/), what: 'name', key: expect.any(String) },
      ]),
    )
    expect(shown).toHaveLength(5)
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })

  it('names known accounts that another process froze, by user name and e-mail address', async () => {
    const other = desk()
    await other.fail('jane', 'db_auth:1')
    await clock.advance(1501)
    await other.fail('jane@example.com', 'db_auth:1')
    await other.fail('hunter2')
    const shown = (await desk().list()).map(({ who, what }) => `${what} ${who}`).sort()
    expect(shown).toEqual(['account Jane', 'name jane@example.com', expect.stringMatching(/^unknown unknown:/)])
  })
})

describe('clearing', () => {
  it('ends the freezes of a name in any spelling, and of every account it means', async () => {
    const { fail, clear, list } = desk()
    await fail('jane', 'db_auth:1')
    await fail('john', 'ldap_auth:uuid-1')
    expect(await clear({ name: 'JANE' })).toBe(2)
    expect((await list()).map(({ who }) => who).sort()).toEqual(['john', 'ldap_auth:uuid-1'])
    expect(await clear({ name: 'john' })).toBe(2)
    expect(await list()).toEqual([])
  })

  it('ends one freeze by its key, or all', async () => {
    const { fail, clear, list } = desk()
    await fail('jane', 'db_auth:1')
    await fail('hunter2')
    const unknown = (await list()).find(({ who }) => who.startsWith('unknown:'))
    await clear({ key: unknown?.key ?? '' })
    expect(await list()).toHaveLength(2)
    expect(await clear('all')).toBe(2)
    expect(await list()).toEqual([])
  })

  it('says when a mode could not say whose name it is, and clears what it can', async () => {
    const down: Authenticator = {
      mode: 'ldap_auth',
      lookUp: async () => {
        throw new BackendUnavailableError('ldap_auth', 'is down')
      },
    }
    const { fail, clear, explain, list } = desk([down, local])
    await fail('jane', 'db_auth:1')
    expect(await explain('jane')).toContain('ldap_auth cannot say whose name it is')
    await expect(clear({ name: 'jane' })).rejects.toThrow('ldap_auth: cannot say whose name it is; 2 freezes')
    expect(await list()).toEqual([])
  })

  it('LCK-13: forgets the name and the account here, and says that the shared store was told of neither', async () => {
    const lost = async () => {
      throw new BackendUnavailableError('store', 'is down')
    }
    store = withFallback(
      { reserve: lost, settle: lost, mark: lost, isMarked: lost, list: lost, clear: lost },
      { clock },
    )
    const { fail, clear, explain } = desk()
    await fail('jane', 'db_auth:1')
    expect(await explain('jane')).toHaveLength(2)
    await expect(clear({ name: 'jane' })).rejects.toThrow('its shared store does not answer: cleared here alone')
    expect(await explain('jane')).toEqual(['not frozen'])
  })

  it('refuses what cannot be a name', async () => {
    await expect(desk().clear({ name: '' })).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

describe('explaining', () => {
  it('gives a reason for each of the name and the account, or says that there is none', async () => {
    const { fail, explain } = desk()
    expect(await explain('jane')).toEqual(['not frozen'])
    await fail('jane@example.com', 'db_auth:1')
    expect(await explain('JANE')).toEqual([
      expect.stringMatching(/^the account db_auth:1 is frozen since .* one failure, the last from 192\.0\.2\.7$/),
    ])
    expect(await explain('jane@example.com')).toHaveLength(2)
    expect(await explain('jane@example.com', '192.0.2.7')).toHaveLength(2)
  })

  it('refuses a source that is no address: it would be counted under nothing', async () => {
    await expect(desk().explain('jane', 'gateway')).rejects.toThrow('--source is no address: give it as 192.0.2.7')
    expect(await desk().explain('jane', '2001:db8::7')).toEqual(['not frozen'])
  })
})

it('counts what the attempts came to', async () => {
  const { fail, counters } = desk()
  await fail('jane')
  await fail('jane')
  expect(counters()).toMatchObject({ refused: 1, frozen: 1 })
})
