import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HostileIdToken, publish, WRONG_CLAIMS, WRONG_SIGNATURES } from './hostile-id-tokens.ts'
import { ACCESS_TOKEN, type House, makeHouse } from './house.ts'
import { makeKey } from './scripted-provider.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.provider.stop())

const now = () => Math.floor(house.clock.wallMs() / 1000)

describe('an ID token that is right', () => {
  it('lets its person in', async () => {
    expect(await house.login()).toMatchObject({
      outcome: 'authenticated',
      identity: { issuer: house.provider.issuer, subject: 'jane-1', username: 'jane', groups: [{ key: 'dev' }] },
    })
  })

  it('OID-06: may be for us alone in an array, name us as authorized party, and carry the hash of the access token', async () => {
    const at_hash = createHash('sha256').update(ACCESS_TOKEN).digest().subarray(0, 16).toString('base64url')
    const claims = { aud: ['lockkeeper'], azp: 'lockkeeper', at_hash, auth_time: now() - 5 }
    expect(await house.login({ claims })).toMatchObject({ outcome: 'authenticated' })
  })

  it('OID-06: may leave out the key id where one key fits', async () => {
    expect(await house.login({ header: { kid: undefined } })).toMatchObject({ outcome: 'authenticated' })
  })

  it('OID-05: may be signed with ES256', async () => {
    const key = await makeKey('ES256', 'curve')
    publish(house.provider, [key])
    expect(await house.login({ key, header: { alg: 'ES256', kid: 'curve' } })).toMatchObject({
      outcome: 'authenticated',
    })
  })

  it('OID-06: may be for an audience that is trusted, when it names us as authorized party', async () => {
    const trusting = await makeHouse({ trustedAudiences: ['other'] })
    const claims = { aud: ['lockkeeper', 'other'], azp: 'lockkeeper' }
    expect(await trusting.login({ claims })).toMatchObject({ outcome: 'authenticated' })
    await trusting.provider.stop()
  })

  it('OID-06: may tell of a login that is just young enough', async () => {
    const asking = await makeHouse({ maxAuthAgeSeconds: 60 })
    const auth_time = Math.floor(asking.clock.wallMs() / 1000) - 90
    expect(await asking.login({ claims: { auth_time } })).toMatchObject({ outcome: 'authenticated' })
    await asking.provider.stop()
  })

  it('OID-06: has times just inside the clock skew', async () => {
    const claims = { exp: now() - 29, nbf: now() + 30, iat: now() + 30 }
    expect(await house.login({ claims })).toMatchObject({ outcome: 'authenticated' })
    expect(await house.login({ claims: { iat: now() - 630 } })).toMatchObject({ outcome: 'authenticated' })
    expect(await house.login({ claims: { iat: now() - 631 } })).toEqual({ outcome: 'rejected', reason: 'token_iat' })
  })
})

describe('OID-06: an ID token is refused, and the reason is told to the operator, with', () => {
  it.each(WRONG_CLAIMS)('$what', refuses)
})

describe('OID-05: the signature is always checked: an ID token is refused with', () => {
  it.each(WRONG_SIGNATURES)('$what', refuses)
})

async function refuses({ change, reason, options = {} }: HostileIdToken): Promise<void> {
  const its = await makeHouse(options)
  try {
    expect(await its.login(await change(its))).toEqual({ outcome: 'rejected', reason })
  } finally {
    await its.provider.stop()
  }
}
