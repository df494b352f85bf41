import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKeySet } from '../src/tokens/signing-keys.ts'
import { type House, makeHouse } from './house.ts'
import { makeKey } from './scripted-provider.ts'

const JWKS = '/jwks'
let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.provider.stop())

const bearer = async (kid: string) => house.oidc.externalLogin.verifyToken(await house.idToken({ header: { kid } }))

describe('OID-12: the keys of the provider', () => {
  it('are fetched once for 10 000 tokens with random key ids, and once more after a minute', async () => {
    const [, claims, signature] = (await house.idToken()).split('.')
    const attack = async (count: number) => {
      const tokens = Array.from({ length: count }, (_, index) => {
        const header = JSON.stringify({ alg: 'RS256', kid: `${index}-${Math.random()}` })
        return [Buffer.from(header).toString('base64url'), claims, signature].join('.')
      })
      const answers = await Promise.all(tokens.map((token) => house.oidc.externalLogin.verifyToken(token)))
      expect(answers.every(({ outcome }) => outcome === 'rejected')).toBe(true)
    }
    await attack(10_000)
    expect(house.provider.count(JWKS)).toBe(1)
    await house.clock.advance(59_999)
    await attack(100)
    expect(house.provider.count(JWKS)).toBe(1)
    await house.clock.advance(1)
    await attack(100)
    expect(house.provider.count(JWKS)).toBe(2)
  })

  it('are fetched again for a key that is new', async () => {
    expect(await house.login()).toMatchObject({ outcome: 'authenticated' })
    await house.clock.advance(60_000)
    const key = await makeKey('RS256', 'key-2')
    house.provider.routes.set(JWKS, () => ({ body: { keys: [key.jwk] } }))
    expect(await house.login({ key, header: { kid: 'key-2' } })).toMatchObject({ outcome: 'authenticated' })
    expect(house.provider.count(JWKS)).toBe(2)
  })

  it('that changed within the minute make a login fail for now, not a refusal', async () => {
    await house.login()
    const key = await makeKey('RS256', 'key-2')
    house.provider.routes.set(JWKS, () => ({ body: { keys: [key.jwk] } }))
    const login = house.login({ key, header: { kid: 'key-2' } })
    await expect(login).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE', retryAfterSeconds: 60 })
  })

  it('serve on when a fetch fails, and logins go on', async () => {
    await house.login()
    house.provider.routes.set(JWKS, () => ({ status: 500 }))
    await house.clock.advance(60_000)
    await expect(bearer('unknown')).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    expect(await house.login()).toMatchObject({ outcome: 'authenticated' })
    await house.clock.advance(7_200_000)
    expect(await house.login()).toMatchObject({ outcome: 'authenticated' })
  })

  it('that the provider withdrew are gone after an hour, also when nobody logged in meanwhile', async () => {
    await house.login()
    house.provider.routes.set(JWKS, () => ({ body: { keys: [] } }))
    await house.clock.advance(3_600_000)
    expect(await bearer('key-1')).toMatchObject({ outcome: 'rejected' })
  })

  it('come from the address in the discovery document alone', async () => {
    const evil = await makeKey('RS256', 'key-1')
    const header = { jku: 'http://127.0.0.1:1/jwks' } as object
    expect(await house.login({ key: evil, header })).toEqual({ outcome: 'rejected', reason: 'token_header' })
  })

  it('that cannot be had at all are an outage', async () => {
    house.provider.routes.set(JWKS, () => ({ status: 503 }))
    await expect(house.login()).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })
})

describe('reading a key set', () => {
  const rsa = { kty: 'RSA', n: Buffer.alloc(256, 1).toString('base64url'), e: 'AQAB' }
  const read = (...keys: unknown[]) => readKeySet({ keys }, ['RS256', 'PS256', 'ES256'])

  it('VER-01: binds a key to one algorithm: its own, or the first of ours that fits', () => {
    expect(read(rsa, { ...rsa, alg: 'PS256' })).toMatchObject([{ alg: 'RS256' }, { alg: 'PS256' }])
  })

  it('passes over what cannot verify', () => {
    const weak = { ...rsa, n: Buffer.alloc(128, 1).toString('base64url') }
    const unusable = [
      { ...rsa, use: 'enc' },
      { ...rsa, key_ops: ['encrypt'] },
      { ...rsa, alg: 'RS512' },
      { ...rsa, alg: 'HS256' },
      { kty: 'oct', k: 'c2VjcmV0' },
      { kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA' },
      { ...rsa, n: 7 },
      weak,
      null,
      'text',
    ]
    expect(read(...unusable)).toEqual([])
  })

  it('never takes over a private member, and reads 100 keys at most', () => {
    expect(Object.keys(read({ ...rsa, d: 'secret' })[0]?.jwk ?? {})).toEqual(['kty', 'n', 'e'])
    expect(read(...Array.from({ length: 1000 }, () => rsa))).toHaveLength(100)
    expect(readKeySet({ keys: 'none' }, ['RS256'])).toEqual([])
  })
})
