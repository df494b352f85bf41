import type { OidcAuthOptions } from '@lockkeeper/oidc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupFilter } from '../src/login/group-filter.ts'
import { identityReader } from '../src/login/identity.ts'
import { parseOidcAuthOptions } from '../src/options.ts'
import { ACCESS_TOKEN, type House, makeHouse } from './house.ts'

const CLAIMS = { preferred_username: 'jane', email: 'jane@example.com', name: 'Jane Doe', groups: ['dev', 'ops'] }
const read = (claims: Record<string, unknown>, options: Partial<OidcAuthOptions> = {}) => {
  const settings = parseOidcAuthOptions({
    issuer: 'https://idp.example.com',
    clientId: 'lockkeeper',
    groupsClaim: 'groups',
    ...options,
  })
  const answer = identityReader(settings, groupFilter(settings.groupFilter))('jane-1', claims)
  return 'value' in answer ? answer.value : answer
}

describe('an identity', () => {
  it('OID-07: is the pair of issuer and subject, each in its own field', () => {
    const identity = read(CLAIMS)
    expect(identity).toEqual({
      mode: 'oidc_auth',
      issuer: 'https://idp.example.com',
      subject: 'jane-1',
      username: 'jane',
      email: 'jane@example.com',
      displayName: 'Jane Doe',
      groups: [{ key: 'dev' }, { key: 'ops' }],
    })
  })

  it('OID-07: takes neither issuer nor subject from claims', () => {
    const claims = { ...CLAIMS, iss: 'https://evil.test', sub: 'admin', issuer: 'x', subject: 'y', mode: 'db_auth' }
    expect(read(claims)).toMatchObject({ mode: 'oidc_auth', issuer: 'https://idp.example.com', subject: 'jane-1' })
  })

  it('takes the user name from the claim that was named', () => {
    expect(read({ ...CLAIMS, upn: 'jd' }, { usernameClaim: 'upn' })).toMatchObject({ username: 'jd' })
  })

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['a number', 7],
    ['a list', ['jane']],
    ['an object', { name: 'jane' }],
    ['too long', 'x'.repeat(256)],
    ['hiding a control character', 'ja\u202ene'],
    ['padded', ' jane'],
  ])('needs a user name: one that is %s is refused', (_what, preferred_username) => {
    expect(read({ ...CLAIMS, preferred_username })).toEqual({ refused: 'username_claim' })
  })

  it('leaves out an address that the provider calls unverified, and values of other types', () => {
    expect(read({ ...CLAIMS, email_verified: false })).not.toHaveProperty('email')
    expect(read({ ...CLAIMS, email_verified: true })).toHaveProperty('email')
    expect(read({ ...CLAIMS, email: ['a'], name: 7 })).toEqual(
      expect.not.objectContaining({ email: expect.anything() }),
    )
  })

  it('JSX-01: reads own members alone, whatever a claim is called', () => {
    const claims = JSON.parse('{"preferred_username":"jane","__proto__":{"groups":["admins"]}}')
    expect(read(claims, { adminGroup: 'admins' })).toMatchObject({ groups: [] })
    expect(read({}, { usernameClaim: 'constructor' })).toEqual({ refused: 'username_claim' })
  })
})

describe('groups', () => {
  it('may be one text', () => {
    expect(read({ ...CLAIMS, groups: 'dev' })).toMatchObject({ groups: [{ key: 'dev' }] })
  })

  it('pass over what is no name, and repeat nothing', () => {
    const groups = ['dev', 7, null, '', ['ops'], 'dev', 'x'.repeat(256)]
    expect(read({ ...CLAIMS, groups })).toMatchObject({ groups: [{ key: 'dev' }] })
    expect(read({ ...CLAIMS, groups: { dev: true } })).toMatchObject({ groups: [] })
  })

  it('are none where no claim was named', () => {
    const identity = identityReader(
      parseOidcAuthOptions({ issuer: 'https://idp.example.com', clientId: 'lockkeeper' }),
      () => true,
    )('jane-1', CLAIMS)
    expect(identity).toMatchObject({ value: { groups: [] } })
  })

  it('are selected by the filter, and administration is decided before it', () => {
    const options = { adminGroup: 'admins', groupFilter: ['team-*'] }
    const groups = ['team-a', 'admins', 'other']
    expect(read({ ...CLAIMS, groups }, options)).toMatchObject({ groups: [{ key: 'team-a' }], isAdmin: true })
    expect(read({ ...CLAIMS, groups: ['team-a', 'Admins'] }, options)).not.toHaveProperty('isAdmin')
  })

  it('are a thousand at most', () => {
    const groups = Array.from({ length: 5000 }, (_, index) => `g${index}`)
    expect(read({ ...CLAIMS, groups })).toMatchObject({ groups: { length: 1000 } })
  })
})

describe('userinfo', () => {
  let house: House
  beforeEach(async () => {
    house = await makeHouse()
  })
  afterEach(() => house.provider.stop())
  const userinfo = (body: unknown, more: object = {}) =>
    house.provider.routes.set('/userinfo', () => ({ body, ...more }))

  it('is asked with the access token, and what it says counts before the ID token', async () => {
    house.provider.routes.set('/userinfo', ({ headers }) => {
      expect(headers.authorization).toBe(`Bearer ${ACCESS_TOKEN}`)
      return { body: { sub: 'jane-1', groups: ['new'], email: 'jane@example.com' } }
    })
    expect(await house.login()).toMatchObject({
      identity: { username: 'jane', groups: [{ key: 'new' }], email: 'jane@example.com' },
    })
  })

  it.each([
    ['another subject', { sub: 'admin' }],
    ['no subject', {}],
    ['a list of subjects', { sub: ['jane-1'] }],
  ])('OID-06: with %s refuses the login', async (_what, body) => {
    userinfo({ ...body, groups: ['admins'] })
    expect(await house.login()).toEqual({ outcome: 'rejected', reason: 'userinfo_sub' })
  })

  it('that does not take the access token refuses the login', async () => {
    userinfo({}, { status: 401 })
    expect(await house.login()).toEqual({ outcome: 'rejected', reason: 'userinfo_refused' })
  })

  it.each([
    ['an error', {}, { status: 500 }],
    ['a lack of rights', {}, { status: 403 }],
    ['a page', '<html>', {}],
    ['a token', 'e30.e30.', { headers: { 'content-type': 'application/jwt' } }],
  ])('that answers with %s is an outage: unknown groups are not no groups', async (_what, body, more) => {
    userinfo(body, more)
    await expect(house.login()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })

  it('is left alone when the operator says so', async () => {
    const quiet = await makeHouse({ userInfo: false })
    expect(await quiet.login()).toMatchObject({ outcome: 'authenticated', identity: { groups: [{ key: 'dev' }] } })
    expect(quiet.provider.count('/userinfo')).toBe(0)
    await quiet.provider.stop()
  })
})
