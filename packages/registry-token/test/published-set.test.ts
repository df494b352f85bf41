import { X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ServiceOptions } from '../src/issue/options.ts'
import { createTokenService } from '../src/issue/token-service.ts'
import { generateKeys } from '../src/keys/generate.ts'
import type { SigningKeys } from '../src/keys/signing-keys.ts'
import { adminContext } from './context.ts'

let keys: SigningKeys
beforeAll(async () => {
  keys = await generateKeys({ algorithms: ['ES256', 'RS256'], rsaBits: 2048 })
})
const serviceWith = (services: Record<string, ServiceOptions>) =>
  createTokenService({ issuer: 'lockkeeper', services, keys })
const certificatesIn = (pem: string) =>
  (pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g) ?? []).map((block) => new X509Certificate(block))

describe('the JWKS', () => {
  it('verifies the tokens of every style and algorithm by their key id', async () => {
    const services: Record<string, ServiceOptions> = {
      a: {},
      b: { headerStyle: 'kid-libtrust', algorithm: 'RS256' },
      c: { headerStyle: 'kid-thumbprint' },
      d: { headerStyle: 'kid-custom', keyId: '2026-a', algorithm: 'RS256' },
    }
    const service = serviceWith(services)
    const jwks = createLocalJWKSet(service.jwks())
    for (const name of service.services) {
      const answer = await service.issue({ service: name, scopes: [], context: adminContext() })
      if (answer.outcome !== 'issued') throw new Error(answer.reason)
      await compactVerify(answer.token, jwks)
    }
  })

  it('names each key once for each id that is in use, and holds nothing private', async () => {
    const jwks = serviceWith({
      a: {},
      b: { headerStyle: 'kid-thumbprint' },
      c: { headerStyle: 'kid-thumbprint' },
    }).jwks()
    const [ec, rsa] = keys.published()
    expect(jwks.keys.map(({ kid }) => kid)).toEqual([ec?.libtrustKeyId, ec?.thumbprint, rsa?.libtrustKeyId])
    for (const jwk of jwks.keys) {
      expect(Object.keys(jwk).sort().join()).toMatch(/^(alg,crv,kid,kty,use,x,y|alg,e,kid,kty,n,use)$/)
    }
    expect(await calculateJwkThumbprint(jwks.keys[0] ?? {})).toBe(ec?.thumbprint)
  })
})

describe('the PEM bundle', () => {
  it('is the authority alone where tokens carry their certificate', () => {
    const bundle = certificatesIn(serviceWith({ a: {} }).pemBundle())
    expect(bundle.map(({ ca }) => ca)).toEqual([true])
  })

  it('holds the certificate of the signing key as well where registries look it up by its id', () => {
    const service = serviceWith({ a: { headerStyle: 'kid-libtrust' }, b: { algorithm: 'RS256' } })
    const [authority, own, ...rest] = certificatesIn(service.pemBundle())
    expect(authority?.ca).toBe(true)
    expect(own?.publicKey.equals(keys.published()[0]?.publicKey as never)).toBe(true)
    expect(rest).toEqual([])
  })

  it('never holds a private key', () => {
    expect(serviceWith({ a: { headerStyle: 'kid-libtrust' } }).pemBundle()).not.toContain('PRIVATE')
  })
})
