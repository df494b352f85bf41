import { countingAuthenticator, failingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { CANNOT_TELL, claimsEveryName, house, localPeople } from './login-house.ts'

const superUser = { mode: 'db_auth', account: '1' }
const local = localPeople({ admin: { id: 1, password: 'local' }, clerk: { id: 2, password: 'local' } })
const ldap = fakeAuthenticator({ mode: 'ldap_auth', people: { admin: 'ldap', clerk: 'ldap' } })

async function withLocalAccounts(built: ReturnType<typeof house>) {
  await built.accounts.add({ username: 'admin', isAdmin: true })
  await built.accounts.add({ username: 'clerk' })
  return built
}

describe('the super user', () => {
  it.each([
    ['first', ['db_auth', 'ldap_auth']],
    ['last', ['ldap_auth', 'db_auth']],
    ['nowhere', ['ldap_auth']],
  ])('verifies in its own mode, with that mode %s in the order', async (_where, order) => {
    const { outcome, lockout } = await withLocalAccounts(house([local, ldap], { order, superUser }))
    expect(await outcome('admin', 'local')).toBe('in by db_auth')
    expect(await outcome('ADMIN', 'ldap')).toBe('bad_credentials')
    expect(lockout.frozen).toEqual(new Set(['people/admin', 'account db_auth:1']))
  })

  it('is known by its account and not by its name: everybody else follows the order', async () => {
    const order = ['ldap_auth', 'db_auth']
    const { outcome } = await withLocalAccounts(house([local, ldap], { order, superUser }))
    expect(await outcome('clerk', 'local')).toBe('bad_credentials')
  })

  it('opens its mode to nobody else when that is not in the order', async () => {
    const onlyLocal = localPeople({ admin: { id: 1, password: 'local' }, bob: { id: 2, password: 'local' } })
    const { outcome } = await withLocalAccounts(house([onlyLocal, ldap], { order: ['ldap_auth'], superUser }))
    expect(await outcome('bob', 'local')).toBe('unknown_name')
  })

  it('is never sent to another mode when its own cannot look it up', async () => {
    const seen: string[] = []
    const proxy = claimsEveryName('http_auth', { admin: 'local' })
    const spy = {
      ...proxy,
      lookUp: async () => ({
        async verify(password: string) {
          seen.push(password)
          return { outcome: 'abstained' as const }
        },
      }),
    }
    const down = failingAuthenticator(local)
    const { outcome, lockout } = house([down, ldap, spy], { order: ['ldap_auth', 'http_auth'], superUser })
    expect(await outcome('admin', 'local')).toBe(CANNOT_TELL)
    expect(await outcome('admin', 'ldap')).toBe(CANNOT_TELL)
    expect(lockout.frozen.size).toBe(0)
    expect(seen).not.toContain('local')
    expect(seen).not.toContain('ldap')
  })

  it('is looked up once, also where its mode is in the order', async () => {
    const counting = countingAuthenticator(local)
    const { outcome } = await withLocalAccounts(house([counting, ldap], { superUser }))
    await outcome('clerk', 'local')
    expect(counting.counts).toEqual({ lookUps: 1, verifications: 1 })
  })
})
