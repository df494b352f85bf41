import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ACCESS_TOKEN, type Change, type House, makeHouse } from './house.ts'
import { makeKey } from './scripted-provider.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.provider.stop())

const now = () => Math.floor(house.clock.wallMs() / 1000)
const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

describe('an ID token that is right', () => {
  it('lets its person in', async () => {
    expect(await house.login()).toMatchObject({
      outcome: 'authenticated',
      identity: { issuer: house.provider.issuer, subject: 'jane-1', username: 'jane', groups: [{ key: 'dev' }] },
    })
  })

  it('OID-06: may be for us alone in an array, name us as authorized party, and carry the hash of the access token', async () => {
    const { createHash } = await import('node:crypto')
    const at_hash = createHash('sha256').update(ACCESS_TOKEN).digest().subarray(0, 16).toString('base64url')
    const claims = { aud: ['lockkeeper'], azp: 'lockkeeper', at_hash, auth_time: now() - 5 }
    expect(await house.login({ claims })).toMatchObject({ outcome: 'authenticated' })
  })

  it('OID-06: may leave out the key id where one key fits', async () => {
    expect(await house.login({ header: { kid: undefined } })).toMatchObject({ outcome: 'authenticated' })
  })
})

/** Every claim that can be wrong, with the reason that the operator reads. */
const CLAIMS: readonly [string, () => Change['claims'] & object, string][] = [
  ['no issuer', () => ({ iss: undefined }), 'token_iss'],
  ['another issuer', () => ({ iss: 'https://elsewhere.test' }), 'token_iss'],
  ['the issuer with a slash more', () => ({ iss: `${house.provider.issuer}/` }), 'token_iss'],
  ['the issuer in an array', () => ({ iss: [house.provider.issuer] }), 'token_iss'],
  ['no audience', () => ({ aud: undefined }), 'token_aud'],
  ['another audience', () => ({ aud: 'another-client' }), 'token_aud'],
  ['an audience that begins like ours', () => ({ aud: 'lockkeeper2' }), 'token_aud'],
  ['an empty list of audiences', () => ({ aud: [] }), 'token_aud'],
  ['our audience inside another array', () => ({ aud: [['lockkeeper']] }), 'token_aud'],
  ['a second audience that is not trusted', () => ({ aud: ['lockkeeper', 'other'], azp: 'lockkeeper' }), 'token_aud'],
  ['another authorized party', () => ({ azp: 'another-client' }), 'token_azp'],
  ['an authorized party of another type', () => ({ azp: ['lockkeeper'] }), 'token_azp'],
  ['no subject', () => ({ sub: undefined }), 'token_sub'],
  ['an empty subject', () => ({ sub: '' }), 'token_sub'],
  ['a subject that is a number', () => ({ sub: 7 }), 'token_sub'],
  ['a subject over 255 characters', () => ({ sub: 'x'.repeat(256) }), 'token_sub'],
  ['a subject that is not ASCII', () => ({ sub: 'jäne' }), 'token_sub'],
  ['no end', () => ({ exp: undefined }), 'token_exp'],
  ['an end in the past', () => ({ exp: now() - 30 }), 'token_exp'],
  ['an end that is text', () => ({ exp: String(now() + 300) }), 'token_exp'],
  ['an end beyond all integers', () => ({ exp: 2 ** 60 }), 'token_exp'],
  ['a start in the future', () => ({ nbf: now() + 31 }), 'token_nbf'],
  ['no time of issue', () => ({ iat: undefined }), 'token_iat'],
  ['a time of issue in the future', () => ({ iat: now() + 31 }), 'token_iat'],
  ['a time of issue a week ago', () => ({ iat: now() - 7 * 86_400 }), 'token_iat'],
  ['a time of issue that is null', () => ({ iat: null }), 'token_iat'],
  ['no nonce', () => ({ nonce: undefined }), 'token_nonce'],
  ['another nonce', () => ({ nonce: 'of another login' }), 'token_nonce'],
  ['a wrong hash of the access token', () => ({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }), 'token_at_hash'],
  ['a hash of another type', () => ({ at_hash: 7 }), 'token_at_hash'],
  ['a time of login that is text', () => ({ auth_time: 'yesterday' }), 'token_auth_time'],
  ['the event of a logout token', () => ({ events: {} }), 'token_kind'],
  ['the type of an access token', () => ({ typ: 'Bearer' }), 'token_kind'],
]

describe('OID-06: an ID token is refused, and the reason is told to the operator, with', () => {
  it.each(CLAIMS)('%s', async (_what, claims, reason) => {
    expect(await house.login({ claims: claims() })).toEqual({ outcome: 'rejected', reason })
  })

  it('several audiences, all trusted, and no authorized party', async () => {
    const trusting = await makeHouse({ trustedAudiences: ['other'] })
    const aud = ['lockkeeper', 'other']
    expect(await trusting.login({ claims: { aud } })).toEqual({ outcome: 'rejected', reason: 'token_azp' })
    expect(await trusting.login({ claims: { aud, azp: 'lockkeeper' } })).toMatchObject({ outcome: 'authenticated' })
    await trusting.provider.stop()
  })

  it('a login that is too old, or whose time is not told, where one was asked for', async () => {
    const asking = await makeHouse({ maxAuthAgeSeconds: 60 })
    const seconds = Math.floor(asking.clock.wallMs() / 1000)
    const login = (auth_time: number | undefined) => asking.login({ claims: { auth_time } })
    expect(await login(undefined)).toEqual({ outcome: 'rejected', reason: 'token_auth_time' })
    expect(await login(seconds - 91)).toEqual({ outcome: 'rejected', reason: 'token_auth_time' })
    expect(await login(seconds - 90)).toMatchObject({ outcome: 'authenticated' })
    await asking.provider.stop()
  })

  it('times just inside the clock skew it is not', async () => {
    const claims = { exp: now() - 29, nbf: now() + 30, iat: now() + 30 }
    expect(await house.login({ claims })).toMatchObject({ outcome: 'authenticated' })
    expect(await house.login({ claims: { iat: now() - 630 } })).toMatchObject({ outcome: 'authenticated' })
    expect(await house.login({ claims: { iat: now() - 631 } })).toEqual({ outcome: 'rejected', reason: 'token_iat' })
  })
})

/** Every way to sign wrongly. */
const SIGNATURES: readonly [string, () => Promise<Change> | Change, string][] = [
  ['no ID token at all', () => ({ token: () => undefined }), 'token_missing'],
  ['an empty ID token', () => ({ token: () => '' }), 'token_malformed'],
  [
    'the algorithm none and no signature',
    () => ({ token: (token) => `${encode({ alg: 'none' })}.${token.split('.')[1]}.` }),
    'token_malformed',
  ],
  [
    'the algorithm none and some signature',
    () => ({ token: (token) => `${encode({ alg: 'none' })}.${token.split('.')[1]}.AAAA` }),
    'token_alg',
  ],
  ['the algorithm None in another case', () => ({ token: (token) => swap(token, { alg: 'rs256' }) }), 'token_alg'],
  [
    'an HMAC with the client secret',
    () => ({
      token: (token) => {
        const signed = `${encode({ alg: 'HS256' })}.${token.split('.')[1]}`
        return `${signed}.${createHmac('sha256', 'client-secret').update(signed).digest('base64url')}`
      },
    }),
    'token_alg',
  ],
  [
    'an HMAC with the public key',
    () => ({
      token: (token) => {
        const signed = `${encode({ alg: 'HS256', kid: 'key-1' })}.${token.split('.')[1]}`
        const key = JSON.stringify(house.key.jwk)
        return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
      },
    }),
    'token_alg',
  ],
  ['a bad RS256 signature', () => ({ token: spoil }), 'token_signature'],
  ['the claims of another token', () => ({ token: (token) => swapClaims(token, { sub: 'admin' }) }), 'token_signature'],
  ['a signature by another key', async () => ({ key: await makeKey('RS256', 'key-1') }), 'token_signature'],
  [
    'its own key in the header',
    async () => {
      const own = await makeKey('RS256', 'key-1')
      return { key: own, header: { jwk: own.jwk } as Change['header'] & object }
    },
    'token_header',
  ],
  ['the address of a key', () => ({ header: { jku: 'https://evil.test/jwks' } as object }), 'token_header'],
  ['certificates of its own', () => ({ header: { x5c: ['MIIB'] } as object }), 'token_header'],
  ['a key id that is a number', () => ({ header: { kid: 7 } as object }), 'token_kid'],
  ['the type of an access token in its header', () => ({ header: { typ: 'at+jwt' } }), 'token_kind'],
]

const swap = (token: string, header: unknown) => [encode(header), ...token.split('.').slice(1)].join('.')
const swapClaims = (token: string, change: object) => {
  const [header, claims = '', signature] = token.split('.')
  const changed = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), ...change }
  return [header, encode(changed), signature].join('.')
}
const spoil = (token: string) => {
  const [header, claims, signature = ''] = token.split('.')
  return [header, claims, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.')
}

describe('OID-05: the signature is always checked: an ID token is refused with', () => {
  it.each(SIGNATURES)('%s', async (_what, change, reason) => {
    expect(await house.login(await change())).toEqual({ outcome: 'rejected', reason })
  })

  it('a bad ES256 signature, while a good one passes', async () => {
    const key = await makeKey('ES256', 'curve')
    house.provider.routes.set('/jwks', () => ({ body: { keys: [key.jwk] } }))
    const header = { alg: 'ES256', kid: 'curve' }
    expect(await house.login({ key, header })).toMatchObject({ outcome: 'authenticated' })
    expect(await house.login({ key, header, token: spoil })).toEqual({ outcome: 'rejected', reason: 'token_signature' })
  })

  it('an algorithm that the provider offers and the operator did not name', async () => {
    const strict = await makeHouse({ algorithms: ['ES256'] })
    expect(await strict.login()).toEqual({ outcome: 'rejected', reason: 'token_alg' })
    await strict.provider.stop()
  })

  it('no key id where several keys fit', async () => {
    const other = await makeKey('RS256', 'key-2')
    house.provider.routes.set('/jwks', () => ({ body: { keys: [house.key.jwk, other.jwk] } }))
    expect(await house.login({ header: { kid: undefined } })).toEqual({ outcome: 'rejected', reason: 'token_kid' })
  })

  it('a key id that two keys have', async () => {
    const other = await makeKey('RS256', 'key-1')
    house.provider.routes.set('/jwks', () => ({ body: { keys: [house.key.jwk, other.jwk] } }))
    expect(await house.login()).toEqual({ outcome: 'rejected', reason: 'token_kid' })
  })

  it('one algorithm and a key of another', async () => {
    const key = await makeKey('PS256', 'key-1')
    const jwk = { ...key.jwk, alg: 'RS256' }
    house.provider.routes.set('/jwks', () => ({ body: { keys: [jwk] } }))
    expect(await house.login({ key, header: { alg: 'PS256' } })).toEqual({ outcome: 'rejected', reason: 'token_kid' })
  })
})
