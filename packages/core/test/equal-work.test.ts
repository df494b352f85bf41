import { type CountingAuthenticator, countingAuthenticator, fakeAuthenticator } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import type { Authenticator } from '../src/index.ts'
import { claimsEveryName, house, localPeople } from './login-house.ts'

const ldap = () => countingAuthenticator(fakeAuthenticator({ mode: 'ldap_auth', people: { jane: 'right', both: 'a' } }))
const uaa = () => countingAuthenticator(fakeAuthenticator({ mode: 'uaa_auth', people: { john: 'right', both: 'b' } }))
const work = (modes: readonly CountingAuthenticator[]) => modes.map(({ counts }) => counts)
const ONE_EACH = { lookUps: 1, verifications: 1 }

describe('LOG-02: a failed login costs one look-up and one verification in every mode', () => {
  it.each([
    ['an unknown name', 'nobody', 'right', 'unknown_name'],
    ['a wrong password in the first mode', 'jane', 'wrong', 'bad_credentials'],
    ['a wrong password in the second mode', 'john', 'wrong', 'bad_credentials'],
    ['a name of two modes', 'both', 'wrong', 'bad_credentials'],
    ['the second mode’s password for a name of two modes', 'both', 'b', 'bad_credentials'],
  ])('%s', async (_what, name, password, reason) => {
    const modes = [ldap(), uaa()]
    expect(await house(modes).outcome(name, password)).toBe(reason)
    expect(work(modes)).toEqual([ONE_EACH, ONE_EACH])
  })

  it.each([
    ['disabled', 'jane'],
    ['disabled', 'john'],
  ])('the right password of an account that is %s (%s)', async (reason, name) => {
    const modes = [ldap(), uaa()]
    const { outcome, accounts } = house(modes)
    await outcome(name, 'right')
    await accounts.setDisabled(1, true)
    for (const mode of modes) mode.reset()
    expect(await outcome(name, 'right')).toBe(reason)
    expect(work(modes)).toEqual([ONE_EACH, ONE_EACH])
  })

  it('the right password of somebody whose user name is taken', async () => {
    const modes = [ldap(), uaa()]
    const { outcome, accounts } = house(modes)
    await accounts.add({ username: 'JANE' })
    expect(await outcome('jane', 'right')).toBe('name_conflict')
    expect(work(modes)).toEqual([ONE_EACH, ONE_EACH])
  })

  it.each(['nobody', 'jane', 'ann'])('%s, with a last mode that claims every name', async (name) => {
    const modes = [ldap(), countingAuthenticator(claimsEveryName('http_auth', { ann: 'right' }))]
    await house(modes).outcome(name, 'wrong')
    expect(work(modes)).toEqual([ONE_EACH, ONE_EACH])
  })

  it.each(['nobody', 'admin', 'jane', 'clerk'])('%s, with the super user’s mode outside the order', async (name) => {
    const local = countingAuthenticator(
      localPeople({ admin: { id: 1, password: 'x' }, clerk: { id: 2, password: 'x' } }),
    )
    const modes = [ldap(), local]
    const { outcome } = house(modes, { order: ['ldap_auth'], superUser: { mode: 'db_auth', account: '1' } })
    await outcome(name, 'wrong')
    expect(modes.map(({ counts }) => counts.verifications)).toEqual([1, 1])
  })
})

it('a stand-in verifies nobody: a real account that another mode owns is left alone', async () => {
  const verified: (string | undefined)[] = []
  const local = localPeople({ admin: { id: 1, password: 'x' }, jane: { id: 2, password: 'x' } })
  const watched: Authenticator = {
    ...local,
    async lookUp(name, call) {
      const candidate = await local.lookUp(name, call)
      return {
        ...candidate,
        verify(password, call) {
          verified.push(candidate.account)
          return candidate.verify(password, call)
        },
      }
    },
  }
  const { outcome } = house([watched, ldap()], { order: ['ldap_auth'], superUser: { mode: 'db_auth', account: '1' } })
  expect(await outcome('jane', 'wrong')).toBe('bad_credentials')
  expect(verified).toEqual([undefined])
})

describe('a successful login costs its own verification only', () => {
  it.each([
    ['jane', [ONE_EACH, { lookUps: 0, verifications: 0 }]],
    ['john', [{ lookUps: 1, verifications: 0 }, ONE_EACH]],
  ])('%s', async (name, expected) => {
    const modes = [ldap(), uaa()]
    expect(await house(modes).outcome(name, 'right')).toMatch(/^in/)
    expect(work(modes)).toEqual(expected)
  })
})

it('LCK-02: a frozen attempt verifies nothing, in no mode', async () => {
  const modes = [ldap(), uaa()]
  const { outcome } = house(modes)
  for (const name of ['jane', 'john', 'nobody']) await outcome(name, 'wrong')
  for (const mode of modes) mode.reset()
  for (const name of ['jane', 'john', 'nobody']) expect(await outcome(name, 'right')).toBe('frozen')
  expect(modes.map(({ counts }) => counts.verifications)).toEqual([0, 0])
})
