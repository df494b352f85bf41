import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Change, type House, makeHouse } from './house.ts'
import { makeKey } from './scripted-provider.ts'

let house: House
beforeAll(async () => {
  house = await makeHouse()
})
afterAll(() => house.provider.stop())

const verify = async (change: Change = {}) => house.oidc.externalLogin.verifyToken(await house.idToken(change))
const now = () => Math.floor(house.clock.wallMs() / 1000)
const reasons = () => house.events.flatMap((event) => (event.type === 'refused' ? event.reason : []))

describe('an ID token as a bearer token', () => {
  it('lets its person in, by issuer and subject', async () => {
    expect(await verify()).toEqual({
      outcome: 'authenticated',
      identity: {
        mode: 'oidc_auth',
        issuer: house.provider.issuer,
        subject: 'jane-1',
        username: 'jane',
        groups: [{ key: 'dev' }],
      },
    })
    expect(house.provider.count('/userinfo')).toBe(0)
  })

  it('may carry the nonce of the login it came from', async () => {
    expect(await verify({ claims: { nonce: 'whatever' } })).toMatchObject({ outcome: 'authenticated' })
  })

  it.each([
    ['expired', () => ({ exp: now() - 30 }), 'expired', 'token_exp'],
    ['issued too long ago', () => ({ iat: now() - 631 }), 'expired', 'token_iat'],
    [
      'meant for a second audience',
      () => ({ aud: ['lockkeeper', 'x'], azp: 'lockkeeper' }),
      'bad_credentials',
      'token_aud',
    ],
    ['got by another client', () => ({ azp: 'another' }), 'bad_credentials', 'token_azp'],
    ['without a subject', () => ({ sub: undefined }), 'bad_credentials', 'token_sub'],
    ['without a user name', () => ({ preferred_username: undefined }), 'not_allowed', 'username_claim'],
  ])('OID-06: is refused when %s, and the operator is told why', async (_what, claims, reason, told) => {
    expect(await verify({ claims: claims() })).toEqual({ outcome: 'rejected', reason })
    expect(reasons().at(-1)).toBe(told)
  })

  it('OID-05: is refused when its signature is not the provider’s', async () => {
    expect(await verify({ key: await makeKey('RS256', 'key-1') })).toEqual({
      outcome: 'rejected',
      reason: 'bad_credentials',
    })
    expect(reasons().at(-1)).toBe('token_signature')
  })

  it('VER-08: is left to others where the operator wants none', async () => {
    const strict = await makeHouse({ bearerTokens: false })
    expect(await strict.oidc.externalLogin.verifyToken(await strict.idToken())).toEqual({ outcome: 'abstained' })
    expect(await strict.login()).toMatchObject({ outcome: 'authenticated' })
    await strict.provider.stop()
  })

  it('may be as old as the operator allows', async () => {
    const patient = await makeHouse({ bearerMaxAgeSeconds: 3600 })
    const iat = Math.floor(patient.clock.wallMs() / 1000) - 3600
    const token = await patient.idToken({ claims: { iat } })
    expect(await patient.oidc.externalLogin.verifyToken(token)).toMatchObject({ outcome: 'authenticated' })
    await patient.provider.stop()
  })
})

describe('a token that is not from this provider for this client is left to others:', () => {
  it.each([
    ['of another issuer', { iss: 'https://auth.example.com' }],
    ['of no issuer', { iss: undefined }],
    ['for another client', { aud: 'my-registry' }],
    ['for other clients', { aud: ['a', 'b'] }],
  ])('%s', async (_what, claims) => {
    expect(await verify({ claims })).toEqual({ outcome: 'abstained' })
  })

  it.each(['', 'opaque', 'lk_secret', 'a.b', 'a.b.c', '..', 'e30.e30.'])('%j', async (token) => {
    expect(await house.oidc.externalLogin.verifyToken(token)).toEqual({ outcome: 'abstained' })
  })

  it('and no key is fetched for it', async () => {
    const fresh = await makeHouse()
    const token = await house.idToken()
    expect(await fresh.oidc.externalLogin.verifyToken(token)).toEqual({ outcome: 'abstained' })
    expect(fresh.provider.count('/jwks')).toBe(0)
    await fresh.provider.stop()
  })
})

describe('VER-08: other tokens of the same issuer, signed with the same keys, are no ID tokens:', () => {
  it.each<[string, Change]>([
    ['an access token by RFC 9068', { header: { typ: 'at+jwt' } }],
    ['an access token of Keycloak', { claims: { typ: 'Bearer' } }],
    ['an access token with scopes', { claims: { scope: 'openid' } }],
    ['an access token of Entra', { claims: { scp: 'user.read' } }],
    ['a refresh token that is a JWT', { claims: { typ: 'Refresh' } }],
    ['a logout token by its type', { header: { typ: 'logout+jwt' } }],
    ['a logout token by its event', { claims: { events: { x: {} } } }],
  ])('%s', async (_what, change) => {
    expect(await verify(change)).toEqual({ outcome: 'rejected', reason: 'bad_credentials' })
    expect(reasons().at(-1)).toBe('token_kind')
  })

  it('an ID token itself, with or without its type, is one', async () => {
    for (const typ of [undefined, 'JWT', 'jwt']) {
      const header = typ === undefined ? {} : { typ }
      expect(await verify({ header, claims: { typ: 'ID' } })).toMatchObject({ outcome: 'authenticated' })
    }
  })
})

it('needs no hash of an access token, which nobody presents with it', async () => {
  const at_hash = createHash('sha256').update('another').digest('base64url')
  expect(await verify({ claims: { at_hash } })).toMatchObject({ outcome: 'authenticated' })
})
