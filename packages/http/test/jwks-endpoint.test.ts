import { describe, expect, it } from 'vitest'
import { createHandler, jwksEndpoint } from '../src/index.ts'
import { asker, buildHouse } from './house.ts'

describe('the published keys', () => {
  it('are served as a JWK set that may be kept for a minute', async () => {
    const response = await buildHouse().ask('/.well-known/jwks.json')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=60')
    const { keys } = await response.json()
    expect(keys).not.toEqual([])
    for (const key of keys) expect(key).toMatchObject({ kty: 'EC', kid: expect.any(String) })
  })

  it('are public keys alone', async () => {
    expect(await (await buildHouse().ask('/.well-known/jwks.json')).text()).not.toMatch(/"d":/)
    expect(await (await buildHouse().ask('/service/keys.pem')).text()).not.toMatch(/PRIVATE/)
  })

  it('are served as certificates', async () => {
    const response = await buildHouse().ask('/service/keys.pem')
    expect(response.headers.get('content-type')).toBe('application/x-pem-file')
    expect(await response.text()).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })

  it('are read anew each time, so that a rotated key shows', async () => {
    const kids = ['old', 'new']
    const keys = { jwks: () => ({ keys: [{ kty: 'EC', kid: kids.shift() ?? '' }] }), pemBundle: () => '' }
    const ask = asker(createHandler({ routes: jwksEndpoint(keys), log: () => {} }))
    for (const kid of ['old', 'new']) {
      expect(await (await ask('/.well-known/jwks.json')).json()).toMatchObject({ keys: [{ kid }] })
    }
  })
})
