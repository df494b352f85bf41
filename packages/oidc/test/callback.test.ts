import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CALLBACK, type Change, type House, makeHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await makeHouse()
})
afterAll(() => house.provider.stop())

const start = () => house.oidc.externalLogin.start({ callbackUrl: CALLBACK })

describe('the start of a login', () => {
  it('OID-01: asks for a code, with a PKCE challenge made by S256 of the verifier', async () => {
    const { createHash } = await import('node:crypto')
    const { redirectTo, pending } = await start()
    const asked = Object.fromEntries(redirectTo.searchParams)
    expect(redirectTo.href.split('?')[0]).toBe(`${house.provider.issuer}/authorize`)
    expect(asked).toMatchObject({
      client_id: 'lockkeeper',
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256')
        .update(pending.verifier ?? '')
        .digest('base64url'),
    })
    expect(pending.verifier).toMatch(/^[\w-]{43}$/)
  })

  it('OID-01: never uses a verifier, a state or a nonce twice', async () => {
    const values = await Promise.all(Array.from({ length: 50 }, start))
    const used = values.flatMap(({ pending: { verifier, state, nonce } }) => [verifier, state, nonce])
    expect(new Set(used).size).toBe(150)
  })

  it('OID-08: sends the browser back to the URL it was given, and to no other', async () => {
    const { redirectTo, pending } = await start()
    expect(redirectTo.searchParams.get('redirect_uri')).toBe(CALLBACK.href)
    const elsewhere = new URL('https://evil.test/other?code=c&iss=x')
    elsewhere.searchParams.set('state', pending.state ?? '')
    elsewhere.searchParams.set('iss', house.provider.issuer)
    let redeemed = ''
    house.provider.routes.set('/token', ({ body }) => {
      redeemed = body
      return { status: 400, body: { error: 'invalid_grant' } }
    })
    await house.oidc.externalLogin.finish(elsewhere, pending)
    expect(new URLSearchParams(redeemed).get('redirect_uri')).toBe(CALLBACK.href)
  })

  it('adds what the operator asks for', async () => {
    const asking = await makeHouse({
      extraParameters: { prompt: 'consent' },
      maxAuthAgeSeconds: 60,
      scopes: ['openid'],
    })
    const { redirectTo } = await asking.oidc.externalLogin.start({ callbackUrl: CALLBACK })
    expect(Object.fromEntries(redirectTo.searchParams)).toMatchObject({
      prompt: 'consent',
      max_age: '60',
      scope: 'openid',
    })
    await asking.provider.stop()
  })
})

const set = (name: string, value: string) => (url: URL) => url.searchParams.set(name, value)
const append = (name: string, value: string) => (url: URL) => url.searchParams.append(name, value)
const remove = (name: string) => (url: URL) => url.searchParams.delete(name)
const providerSays = (error: string) => (url: URL) => {
  url.searchParams.delete('code')
  url.searchParams.set('error', error)
}

const CALLBACKS: readonly [string, Change['callback'] & object, string][] = [
  ['no state', remove('state'), 'state_missing'],
  ['an empty state', set('state', ''), 'state_mismatch'],
  ['the state of another login', set('state', 'x'.repeat(43)), 'state_mismatch'],
  ['two states', append('state', 'x'), 'parameter_repeated'],
  ['two codes', append('code', 'other'), 'parameter_repeated'],
  ['two issuers', append('iss', 'https://other.test'), 'parameter_repeated'],
  ['no code', remove('code'), 'code_missing'],
  ['an empty code', set('code', ''), 'code_missing'],
  ['an ID token, as from the implicit flow', set('id_token', 'x'), 'parameter_unexpected'],
  ['an access token', set('access_token', 'x'), 'parameter_unexpected'],
  ['a signed response', set('response', 'x'), 'parameter_unexpected'],
  ['a refusal of the provider', providerSays('access_denied'), 'provider_error:access_denied'],
  ['an error that is no error code', providerSays('<script>'), 'provider_error:other'],
]

describe('OID-02: a callback is refused, and no code redeemed, when it brings', () => {
  it.each(CALLBACKS)('%s', async (_what, callback, reason) => {
    const before = house.provider.count('/token')
    expect(await house.login({ callback })).toEqual({ outcome: 'rejected', reason })
    expect(house.provider.count('/token')).toBe(before)
  })

  it.each(['server_error', 'temporarily_unavailable'])('but the error %s is an outage', async (error) => {
    await expect(house.login({ callback: providerSays(error) })).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
    })
  })
})

describe('OID-04: the issuer of a response', () => {
  it.each([
    ['missing where the provider announces it', remove('iss'), 'issuer_missing'],
    ['of another provider', set('iss', 'https://other.test'), 'issuer_mismatch'],
    ['with a slash more', (url: URL) => url.searchParams.set('iss', `${house.provider.issuer}/`), 'issuer_mismatch'],
  ])('is refused when %s', async (_what, callback, reason) => {
    expect(await house.login({ callback })).toEqual({ outcome: 'rejected', reason })
  })

  it('is checked before an error is believed', async () => {
    const callback = (url: URL) => {
      providerSays('access_denied')(url)
      url.searchParams.set('iss', 'https://other.test')
    }
    expect(await house.login({ callback })).toEqual({ outcome: 'rejected', reason: 'issuer_mismatch' })
  })
})

describe('OID-03: what was kept of a login is refused when it', () => {
  it.each([
    ['has another purpose', { purpose: 'cli_secret' }],
    ['is of another mode', { mode: 'oidc_auth/other' }],
    ['has no verifier', { verifier: '' }],
    ['has no state', { state: '' }],
    ['has no nonce', { nonce: '' }],
    ['names no place to come back to', { redirectUri: 'nowhere' }],
  ])('%s', async (_what, pending) => {
    expect(await house.login({ pending })).toEqual({ outcome: 'rejected', reason: 'pending_invalid' })
  })

  it('is older than ten minutes, from the future, or of no time', async () => {
    const startedAt = (ms: number) => ({ startedAt: String(house.clock.wallMs() + ms) })
    const expired = { outcome: 'rejected', reason: 'pending_expired' }
    expect(await house.login({ pending: startedAt(-600_001) })).toEqual(expired)
    expect(await house.login({ pending: startedAt(60_001) })).toEqual(expired)
    expect(await house.login({ pending: { startedAt: 'soon' } })).toEqual(expired)
    expect(await house.login({ pending: startedAt(-600_000) })).toMatchObject({ outcome: 'authenticated' })
  })

  it('says so in strings alone, as a store keeps them', async () => {
    const { pending } = await start()
    expect(JSON.parse(JSON.stringify(pending))).toEqual(pending)
    expect(Object.values(pending).every((value) => typeof value === 'string')).toBe(true)
  })
})
