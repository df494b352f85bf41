import { describe, expect, it } from 'vitest'
import { buildHouse } from './house.ts'

describe('the published keys', () => {
  it('are served as a JWK set that may be kept for a minute', async () => {
    const response = await buildHouse().ask('/.well-known/jwks.json')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=60')
    expect(await response.json()).toEqual({ keys: [{ kty: 'EC', kid: 'k1' }] })
  })

  it('are served as certificates', async () => {
    const response = await buildHouse().ask('/service/keys.pem')
    expect(response.headers.get('content-type')).toBe('application/x-pem-file')
    expect(await response.text()).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })

  it('are read anew each time, so that a rotated key shows', async () => {
    const kids = ['old', 'new']
    const { tokens } = buildHouse()
    const { ask } = buildHouse({
      tokens: { ...tokens, jwks: () => ({ keys: [{ kty: 'EC', kid: kids.shift() ?? '' }] }) },
    })
    for (const kid of ['old', 'new']) {
      expect(await (await ask('/.well-known/jwks.json')).json()).toMatchObject({ keys: [{ kid }] })
    }
  })
})
