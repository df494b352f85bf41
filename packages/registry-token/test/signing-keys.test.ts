import { generateKeyPairSync } from 'node:crypto'
import { compactVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { makeSigningKey, type TokenHeader } from '../src/keys/signing-keys.ts'

const CLAIMS = { iss: 'lockkeeper', sub: 'jané' }
const SIGNERS = [
  makeSigningKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'ES256'),
  makeSigningKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'RS256'),
]

describe.each(SIGNERS.map((key) => [key.algorithm, key] as const))('a %s key', (alg, key) => {
  it('signs what another library verifies, claim by claim', async () => {
    const { payload, protectedHeader } = await compactVerify(await key.sign({ kid: 'a' }, CLAIMS), key.publicKey)
    expect(protectedHeader).toEqual({ alg, typ: 'JWT', kid: 'a' })
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(CLAIMS)
  })

  it('writes the header that each token is given, whatever the one before had', async () => {
    const x5c = ['Zmlyc3Q=']
    const headers: readonly TokenHeader[] = [
      { kid: 'a' },
      { kid: 'a', x5c },
      { kid: 'a', x5c },
      { kid: 'a', x5c: ['cmVuZXdlZA=='] },
      { kid: 'b', x5c },
      { x5c },
      { kid: 'a' },
    ]
    for (const header of headers) {
      const { protectedHeader } = await compactVerify(await key.sign(header, CLAIMS), key.publicKey)
      expect(protectedHeader).toEqual({ alg, typ: 'JWT', ...header })
    }
  })
})
