import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readPrivateKey } from '../src/keys/private-key.ts'

const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = (modulusLength: number, publicExponent = 0x10001): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey
const pkcs8 = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const fromJwk = (key: JsonWebKey): string => pkcs8(createPrivateKey({ key, format: 'jwk' }))

const p256 = ec('P-256')
const rsa2048 = rsa(2048)

describe('readPrivateKey accepts', () => {
  it.each([
    { form: 'PKCS#8 with EC P-256', pem: pkcs8(p256), algorithm: 'ES256' },
    { form: 'SEC1', pem: p256.export({ type: 'sec1', format: 'pem' }), algorithm: 'ES256' },
    { form: 'PKCS#8 with RSA 2048', pem: pkcs8(rsa2048), algorithm: 'RS256' },
    { form: 'PKCS#1', pem: rsa2048.export({ type: 'pkcs1', format: 'pem' }), algorithm: 'RS256' },
    {
      form: 'SEC1 after the parameters that openssl writes',
      pem: `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${p256.export({ type: 'sec1', format: 'pem' })}`,
      algorithm: 'ES256',
    },
  ])('$form, which signs with $algorithm', ({ pem, algorithm }) => {
    expect(readPrivateKey(pem)).toMatchObject({ outcome: 'accepted', algorithm })
  })
})

/** A P-256 key of a small private number: the point belongs to it, which OpenSSL checks. */
const tiny: JsonWebKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'jlM7b6C_e0YluzBmfAH7YH75-LioD-9bMAYocDGHsqM',
  y: 'c-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ',
  d: Buffer.alloc(32).fill(7, 31).toString('base64url'),
}
const distributionSample: JsonWebKey = {
  kty: 'EC',
  crv: 'P-256',
  d: 'R7OnbfMaD5J2jl7GeE8ESo7CnHSBm_1N2k9IXYFrKJA',
  x: 'm7zUpx3b-zmVE5cymSs64POG9QcyEpJaYCD82-549_Q',
  y: 'dU3biz8sZ_8GPB-odm8Wxz3lNDr1xcAQQPQaOcr1fmc',
}
const rfc7515Sample: JsonWebKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
}

describe('ISS-05: readPrivateKey refuses, and says what to do about', () => {
  it.each([
    { what: 'RSA 1024', pem: pkcs8(rsa(1024)), says: /1024 bits.*at least 2048/ },
    { what: 'RSA with the exponent 3', pem: pkcs8(rsa(2048, 3)), says: /exponent 3; make one with 65537/ },
    { what: 'EC P-384', pem: pkcs8(ec('P-384')), says: /secp384r1; use one on P-256/ },
    { what: 'EC secp256k1', pem: pkcs8(ec('secp256k1')), says: /secp256k1; use one on P-256/ },
    { what: 'Ed25519', pem: pkcs8(generateKeyPairSync('ed25519').privateKey), says: /ed25519; use EC P-256 or RSA/ },
    {
      what: 'RSA that is meant for PSS',
      pem: pkcs8(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey),
      says: /rsa-pss; use EC P-256 or RSA/,
    },
    { what: 'a tiny private number', pem: fromJwk(tiny), says: /tiny number/ },
    { what: 'the sample key of Distribution', pem: fromJwk(distributionSample), says: /Distribution.*make a new one/ },
    { what: 'the sample key of RFC 7515', pem: fromJwk(rfc7515Sample), says: /RFC 7515 appendix A\.3.*make a new one/ },
    {
      what: 'an encrypted key',
      pem: p256.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      says: /encrypted.*openssl pkey/,
    },
    {
      what: 'an encrypted key in the old form',
      pem: p256.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      says: /encrypted/,
    },
    { what: 'half a file', pem: pkcs8(p256).slice(0, 120), says: /cannot be read; is the file complete/ },
    { what: 'an empty file', pem: '', says: /no PEM private key/ },
    { what: 'a public key', pem: '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', says: /no PEM private key/ },
  ])('$what', ({ pem, says }) => {
    const result = readPrivateKey(pem)
    expect(result.outcome).toBe('refused')
    expect('message' in result && result.message).toMatch(says)
  })

  it('and never repeats the key in the message', () => {
    const result = readPrivateKey(pkcs8(rsa(1024)))
    expect(JSON.stringify(result)).not.toMatch(/[A-Za-z0-9+/=]{24}/)
  })
})
