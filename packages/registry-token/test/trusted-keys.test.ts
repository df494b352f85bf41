import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { VERIFY_PROFILES } from '../src/verify/rules.ts'
import { trustedKeys } from '../src/verify/trusted-keys.ts'
import { certify, x509 } from './certificates.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, NOW, outcomeOf, rsaKey, testKey } from './forge.ts'

const key = ecKey()
const entry = { ...key.jwk, kid: 'a' }

describe('trustedKeys refuses', () => {
  it.each([
    ['nothing at all', {}, /accepts nothing/],
    ['an empty JWKS', { jwks: { keys: [] } }, /accepts nothing/],
    ['text that holds no certificate', { certificates: 'hello' }, /accepts nothing/],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'a' }] } }, /symmetric/],
    ['a private key', { jwks: { keys: [{ ...key.privateKey.export({ format: 'jwk' }), kid: 'a' }] } }, /private key/],
    ['a key without id', { jwks: { keys: [{ ...key.jwk }] } }, /no kid/],
    ['a key with an empty id', { jwks: { keys: [{ ...key.jwk, kid: '' }] } }, /no kid/],
    ['one id for two keys', { jwks: { keys: [entry, { ...ecKey().jwk, kid: 'a' }] } }, /same kid/],
    ['a point that is not on its curve', { jwks: { keys: [{ ...entry, x: key.jwk.y }] } }, /public key/],
    [
      'a curve that signs no tokens',
      {
        jwks: {
          keys: [{ ...testKey(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey).jwk, kid: 'a' }],
        },
      },
      /weak, or does not fit/,
    ],
    ['RSA of 1024 bits', { jwks: { keys: [{ ...rsaKey(1024).jwk, kid: 'a' }] } }, /weak/],
    ['a key for an algorithm that it does not fit', { jwks: { keys: [{ ...entry, alg: 'RS256' }] } }, /does not fit/],
    ['a key for encryption by its algorithm', { jwks: { keys: [{ ...entry, alg: 'ECDH-ES' }] } }, /names an algorithm/],
    [
      'a broken certificate',
      { certificates: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
      /complete/,
    ],
  ])('%s', (_what, material, says) => {
    expect(() => trustedKeys(material as never)).toThrow(says)
  })

  it('never repeats a private key in the message', () => {
    const jwk = key.privateKey.export({ format: 'jwk' })
    const message = String(
      (() => {
        try {
          return trustedKeys({ jwks: { keys: [{ ...jwk, kid: 'a' }] } as never })
        } catch (error) {
          return error
        }
      })(),
    )
    expect(message).toContain('private key')
    expect(message).not.toContain(jwk.d)
  })
})

describe('trustedKeys', () => {
  it('leaves keys for encryption out', async () => {
    const jwks = { keys: [entry, { ...rsaKey().jwk, kid: 'b', use: 'enc' }] } as never
    expect([...trustedKeys({ jwks }).tableFor(VERIFY_PROFILES.strict).byId.keys()]).toEqual(['a'])
  })

  it('takes the same key twice under one id', () => {
    expect(() => trustedKeys({ jwks: { keys: [entry, entry] } as never })).not.toThrow()
  })

  it('knows the key of a certificate by both ids, but not that of an authority which only signs certificates', async () => {
    const authority = await certify(ecKey(), { ca: true })
    const leaf = await certify(key)
    const table = trustedKeys({ certificates: authority.pem + leaf.pem }).tableFor(VERIFY_PROFILES.strict)
    expect([...table.byId.keys()].sort()).toEqual([key.libtrust, key.thumbprint].sort())
  })

  it('does not trust the key of a certificate outside its time', async () => {
    const ended = await certify(key, { untilMs: NOW - 1000 })
    const token = forge({ alg: 'ES256', typ: 'JWT', kid: key.libtrust }, claims(), key.privateKey)
    expect(await outcomeOf(controllerFor({ certificates: ended.pem }), token)).toBe('untrusted_certificate')
  })

  it('trusts a key whose certificate was renewed, in whatever order the two stand', async () => {
    const ended = await certify(key, { untilMs: NOW - 1000 })
    const renewed = await certify(key)
    const token = forge({ alg: 'ES256', typ: 'JWT', kid: key.libtrust }, claims(), key.privateKey)
    for (const certificates of [ended.pem + renewed.pem, renewed.pem + ended.pem]) {
      expect(await outcomeOf(controllerFor({ certificates }), token)).toBe('granted')
    }
  })

  it('reads a bundle with text between the certificates', async () => {
    const usage = x509.KeyUsageFlags.digitalSignature
    const bundle = `# signing\n${(await certify(key, { usage })).pem}\nsubject=/CN=x\n${(await certify(ecKey())).pem}`
    expect(trustedKeys({ certificates: bundle }).tableFor(VERIFY_PROFILES.strict).roots).toHaveLength(2)
  })

  it('trusts what a JWKS holds under any id, custom ones included', async () => {
    const controller = controllerFor({ jwks: jwksOf({ key, kid: '2026-a' }) })
    const token = forge({ alg: 'ES256', typ: 'JWT', kid: '2026-a' }, claims(), key.privateKey)
    expect(await outcomeOf(controller, token)).toBe('granted')
  })
})
