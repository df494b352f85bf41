import { describe, expect, it } from 'vitest'
import { login, outcomeOf } from '../../../test/outcomes.ts'
import { answering } from '../../../test/servers/answering.ts'
import type { UaaAuthOptions } from '../src/index.ts'
import { authOf, BOB, JANE, standIn } from './house.ts'

const INFO = { user_id: 'u-1', sub: 'u-1', user_name: 'jane', email: 'jane@example.test', name: 'Jane Doe' }

async function identityOf(info: unknown, options: Partial<UaaAuthOptions> = {}) {
  const uaa = await standIn()
  uaa.answer('/userinfo', answering(200, info))
  const result = await login(authOf(uaa, options), 'JANE', JANE.password)
  return result.outcome === 'authenticated' ? result.identity : result
}

describe('UAA-02: the identity is what UAA says', () => {
  it('takes id, name, e-mail address and groups from UAA, whatever was typed', async () => {
    expect(await identityOf({ ...INFO, user_id: 'u-2', sub: 'u-2', user_name: 'Mary' })).toEqual({
      mode: 'uaa_auth',
      issuer: 'uaa_auth',
      subject: 'u-2',
      username: 'Mary',
      email: 'jane@example.test',
      displayName: 'Jane Doe',
      groups: [{ key: 'team.dev' }, { key: 'registry.admin' }],
    })
  })

  it('keeps UAA’s spelling of the name', async () => {
    const uaa = await standIn()
    expect(await login(authOf(uaa), 'bOB', BOB.password)).toMatchObject({ identity: { username: 'Bob' } })
  })

  it('leaves out what UAA does not say, and an address that it did not verify', async () => {
    const identity = await identityOf({ ...INFO, name: ' ', email_verified: false })
    expect(identity).not.toHaveProperty('email')
    expect(identity).not.toHaveProperty('displayName')
    expect(await identityOf({ user_id: 'u-1', user_name: 'jane', email: null })).not.toHaveProperty('email')
  })

  it.each<[string, unknown]>([
    ['no user id', { user_name: 'jane' }],
    ['an empty user id', { ...INFO, user_id: '' }],
    ['a user id that is a number', { ...INFO, user_id: 7 }],
    ['a subject that is somebody else', { ...INFO, sub: 'u-2' }],
    ['no user name', { user_id: 'u-1' }],
    ['an empty user name', { ...INFO, user_name: '' }],
    ['a user name with a line end', { ...INFO, user_name: 'jane\n' }],
    ['a user name that reads backwards', { ...INFO, user_name: 'jane\u202e' }],
    ['a user name of 256 letters', { ...INFO, user_name: 'x'.repeat(256) }],
    ['a user name that is a list', { ...INFO, user_name: ['jane'] }],
    ['an e-mail address that is an object', { ...INFO, email: { toString: 'jane@example.test' } }],
    ['a member called __proto__', '{"__proto__":{"user_id":"u-1"},"user_id":"u-1","user_name":"jane"}'],
    ['a list of people', [INFO]],
    ['null', 'null'],
    ['no JSON', 'jane'],
    ['nothing', ''],
  ])('%s is no identity, and nobody is let in', async (_, info) => {
    const uaa = await standIn()
    uaa.answer('/userinfo', answering(200, info))
    const outcome = await outcomeOf(login(authOf(uaa), 'jane', JANE.password))
    expect(outcome).toMatch(/answers a request for user information with|answers with a body that is not the JSON/)
  })

  it.each([401, 404, 500])('nobody is let in when user information is answered with %s', async (status) => {
    const uaa = await standIn()
    uaa.answer('/userinfo', answering(status, INFO))
    expect(await outcomeOf(login(authOf(uaa), 'jane', JANE.password))).toMatch(
      `answers ${status} to a request for user`,
    )
  })

  it('says what to do when the client may not ask who somebody is', async () => {
    const uaa = await standIn({ people: [{ ...JANE, scopes: ['team.dev'] }] })
    expect(await outcomeOf(login(authOf(uaa), 'jane', JANE.password))).toMatch(/add openid to the scopes of the client/)
  })

  it.each<[string, object]>([
    ['no token', { token_type: 'bearer' }],
    ['an empty token', { access_token: '', token_type: 'bearer' }],
    ['a token with a line end', { access_token: 'a\r\nx-evil: 1', token_type: 'bearer' }],
    ['a token that is a number', { access_token: 1, token_type: 'bearer' }],
    ['another kind of token', { access_token: 'a', token_type: 'mac' }],
    ['scopes that are a list', { access_token: 'a', token_type: 'bearer', scope: ['registry.admin'] }],
  ])('%s is no grant', async (_, grant) => {
    const uaa = await standIn()
    uaa.answer('/oauth/token', answering(200, grant))
    const outcome = await outcomeOf(login(authOf(uaa), 'jane', JANE.password))
    expect(outcome).toMatch(/answers a request for a token with something else/)
  })

  it('drops the token with the login: it is in no result and no later request', async () => {
    const uaa = await standIn()
    const auth = authOf(uaa)
    const result = await login(auth, 'jane', JANE.password)
    const token = uaa.requests.at(-1)?.headers.authorization?.replace('Bearer ', '') ?? 'none'
    await login(auth, 'bob', BOB.password)
    expect(JSON.stringify([result, auth])).not.toContain(token)
    expect(uaa.requests.slice(2).some(({ headers }) => headers.authorization?.includes(token))).toBe(false)
  })
})

describe('groups', () => {
  const groups = async (options: Partial<UaaAuthOptions>) => {
    const identity = await identityOf(INFO, options)
    return 'groups' in identity ? identity.groups.map(({ key }) => key) : identity
  }

  it('are the scopes that UAA grants, openid aside', async () => {
    expect(await groups({})).toEqual(['team.dev', 'registry.admin'])
  })

  it('are those that the operator selects, by name or by beginning', async () => {
    expect(await groups({ groups: ['team.*'] })).toEqual(['team.dev'])
    expect(await groups({ groups: ['registry.admin', 'team.de'] })).toEqual(['registry.admin'])
    expect(await groups({ groups: [] })).toEqual([])
    expect(await groups({ groups: ['openid'] })).toEqual([])
  })

  it('make an administrator of whoever has the admin scope, also when that is no group', async () => {
    expect(await identityOf(INFO, { adminScope: 'registry.admin', groups: [] })).toMatchObject({ isAdmin: true })
    expect(await identityOf(INFO, { adminScope: 'registry.adm' })).not.toHaveProperty('isAdmin')
  })

  it('are each named once', async () => {
    const uaa = await standIn()
    const grant = { access_token: 'a', token_type: 'Bearer', scope: ' team.dev  openid team.dev ' }
    uaa.answer('/oauth/token', answering(200, grant))
    uaa.answer('/userinfo', answering(200, INFO))
    expect(await login(authOf(uaa), 'jane', 'any')).toMatchObject({ identity: { groups: [{ key: 'team.dev' }] } })
  })
})

describe('several of them', () => {
  it('are told apart by mode and issuer', async () => {
    expect(await identityOf(INFO, { instance: 'emea' })).toMatchObject({
      mode: 'uaa_auth/emea',
      issuer: 'uaa_auth/emea',
    })
    expect(await identityOf(INFO, { issuer: 'uaa.example.com' })).toMatchObject({
      mode: 'uaa_auth',
      issuer: 'uaa.example.com',
    })
  })

  it('let people in from one origin alone where it is set', async () => {
    const uaa = await standIn({ people: [JANE, { ...JANE, password: 'of ldap', origin: 'ldap' }] })
    const auth = authOf(uaa, { origin: 'ldap' })
    expect(await outcomeOf(login(auth, 'jane', 'of ldap'))).toBe('authenticated')
    expect(await outcomeOf(login(auth, 'jane', JANE.password))).toBe('rejected: bad_credentials')
    expect(await outcomeOf(login(authOf(uaa, { origin: 'saml' }), 'jane', 'of ldap'))).toMatch(/check origin/)
  })
})
