import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Change, type House, makeHouse } from './house.ts'
import { makeKey } from './scripted-provider.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
let house: House
let serial = 0
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.provider.stop())

const now = () => Math.floor(house.clock.wallMs() / 1000)
const notice = async (change: Change = {}) => {
  serial += 1
  const claims = { jti: `notice-${serial}`, sid: 'session-1', events: { [EVENT]: {} }, preferred_username: undefined }
  return house.idToken({
    ...change,
    header: { typ: 'logout+jwt', ...change.header },
    claims: { groups: undefined, ...claims, ...change.claims },
  })
}
const form = (token: string) => new URLSearchParams({ logout_token: token }).toString()
const read = async (change: Change = {}) => house.oidc.externalLogin.readLogoutToken(form(await notice(change)))
const refused = (reason: string) => ({ outcome: 'rejected', reason })

describe('a sign-out notice of the provider', () => {
  it('names whose sessions end, and which', async () => {
    const issuer = house.provider.issuer
    expect(await read()).toEqual({ outcome: 'signed_out', issuer, subject: 'jane-1', session: 'session-1' })
    expect(await read({ claims: { sid: undefined } })).toEqual({ outcome: 'signed_out', issuer, subject: 'jane-1' })
    expect(await read({ claims: { sub: undefined } })).toEqual({ outcome: 'signed_out', issuer, session: 'session-1' })
  })

  it('counts once', async () => {
    const body = form(await notice({ claims: { exp: now() + 3600 } }))
    expect(await house.oidc.externalLogin.readLogoutToken(body)).toMatchObject({ outcome: 'signed_out' })
    expect(await house.oidc.externalLogin.readLogoutToken(body)).toEqual(refused('token_replayed'))
    await house.clock.advance(630_000)
    expect(await house.oidc.externalLogin.readLogoutToken(body)).toEqual(refused('token_replayed'))
    await house.clock.advance(1000)
    expect(await house.oidc.externalLogin.readLogoutToken(body)).toEqual(refused('token_iat'))
  })

  it.each<[string, () => Change | Promise<Change>, string]>([
    ['of another issuer', () => ({ claims: { iss: 'https://other.test' } }), 'token_iss'],
    ['for another client', () => ({ claims: { aud: 'another' } }), 'token_aud'],
    ['that has ended', () => ({ claims: { exp: now() - 30 } }), 'token_exp'],
    ['without an end', () => ({ claims: { exp: undefined } }), 'token_exp'],
    ['of an hour ago', () => ({ claims: { iat: now() - 3600 } }), 'token_iat'],
    ['without an id', () => ({ claims: { jti: undefined } }), 'token_jti'],
    ['with an id that is a number', () => ({ claims: { jti: 7 } }), 'token_jti'],
    ['about nobody', () => ({ claims: { sub: undefined, sid: undefined } }), 'token_sub'],
    ['about a subject of another type', () => ({ claims: { sub: ['jane-1'] } }), 'token_sub'],
    ['about a session of another type', () => ({ claims: { sid: 7 } }), 'token_sid'],
    ['without the event', () => ({ claims: { events: {} } }), 'token_events'],
    ['with another event', () => ({ claims: { events: { other: {} } } }), 'token_events'],
    ['with the event as text', () => ({ claims: { events: { [EVENT]: 'yes' } } }), 'token_events'],
    ['with events as a list', () => ({ claims: { events: [EVENT] } }), 'token_events'],
    ['with a nonce', () => ({ claims: { nonce: 'n' } }), 'token_nonce'],
    ['of another type', () => ({ header: { typ: 'at+jwt' } }), 'token_kind'],
    ['signed by somebody else', async () => ({ key: await makeKey('RS256', 'key-1') }), 'token_signature'],
    ['signed by an unknown key', () => ({ header: { kid: 'unknown' } }), 'token_kid'],
    [
      'with another algorithm',
      async () => ({ key: await makeKey('RS512', 'key-1'), header: { alg: 'RS512' } }),
      'token_alg',
    ],
  ])('is refused %s', async (_what, change, reason) => {
    expect(await read(await change())).toEqual(refused(reason))
  })

  it('VER-08: is no ID token, and an ID token is no sign-out notice', async () => {
    const { readLogoutToken, verifyToken } = house.oidc.externalLogin
    expect(await readLogoutToken(form(await house.idToken()))).toEqual(refused('token_events'))
    expect(await verifyToken(await notice({ claims: { preferred_username: 'jane' } }))).toMatchObject({
      outcome: 'rejected',
    })
  })

  it.each([
    ['nothing', ''],
    ['another parameter', 'token=x'],
    ['two tokens', 'logout_token=a&logout_token=b'],
    ['a form beyond all measure', `logout_token=${'x'.repeat(40_000)}`],
  ])('is one parameter of a form: %s is refused', async (_what, body) => {
    expect(await house.oidc.externalLogin.readLogoutToken(body)).toEqual(refused('logout_parameter'))
  })

  it('is an outage while the keys cannot be had', async () => {
    house.provider.routes.set('/jwks', () => ({ status: 500 }))
    await expect(read()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })
})

describe('the page to sign out at', () => {
  const grant = () => ({ issuer: house.provider.issuer, subject: 'jane-1', idToken: 'id-token' })

  it('is the provider’s, with the place to return to, and no token in its URL', async () => {
    const url = await house.oidc.externalLogin.endSession(grant(), { returnTo: new URL('http://127.0.0.1:8080/') })
    expect(url?.pathname).toBe('/logout')
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      client_id: 'lockkeeper',
      post_logout_redirect_uri: 'http://127.0.0.1:8080/',
    })
  })

  it('carries the ID token only when that was asked for', async () => {
    const asked = await makeHouse({ insecureIdTokenInUrl: true })
    const url = await asked.oidc.externalLogin.endSession({ ...grant(), issuer: asked.provider.issuer })
    expect(url?.searchParams.get('id_token_hint')).toBe('id-token')
    await asked.provider.stop()
  })

  it('is not there for the grant of another provider, nor when this one has none or is down', async () => {
    const { endSession } = house.oidc.externalLogin
    expect(await endSession({ ...grant(), issuer: 'https://other.test' })).toBeUndefined()
    const without = await makeHouse()
    const { issuer, routes } = without.provider
    routes.set('/.well-known/openid-configuration', () => ({ status: 500 }))
    expect(await without.oidc.externalLogin.endSession({ issuer, subject: 'x' })).toBeUndefined()
    await without.provider.stop()
  })
})
