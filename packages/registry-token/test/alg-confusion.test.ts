import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { claims, controllerFor, ecKey, edKey, forge, jwksOf, outcomeOf, rsaKey } from './forge.ts'

const ec = ecKey()
const rsa = rsaKey()
const controller = controllerFor({ jwks: jwksOf(ec, rsa) })
const header = (alg: unknown, kid = ec.libtrust) => ({ alg, typ: 'JWT', kid })

describe('VER-01: the algorithm', () => {
  it('is accepted where it is listed and fits the key', async () => {
    expect(await outcomeOf(controller, forge(header('ES256'), claims(), ec.privateKey))).toBe('granted')
    expect(await outcomeOf(controller, forge(header('RS256', rsa.libtrust), claims(), rsa.privateKey))).toBe('granted')
  })

  it.each([
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'HS256',
    'HS384',
    'HS512',
    'es256',
    'Es256',
    'ES256 ',
    'ES256K',
    'ES384',
    'RS384',
    'PS256',
    'EdDSA',
    'RSA1_5',
    'dir',
  ])('is refused when it is not listed in exactly this spelling: %j', async (alg) => {
    const token = forge(header(alg), claims(), ec.privateKey, 'ES256')
    expect(await outcomeOf(controller, token)).toBe('algorithm_refused')
  })

  it.each([undefined, null, 1, true, ['ES256'], { alg: 'ES256' }])('is refused when it is %j', async (alg) => {
    const token = forge(header(alg), claims(), ec.privateKey, 'ES256')
    expect(await outcomeOf(controller, token)).toBe('algorithm_refused')
  })

  it('is refused before a key is looked up', async () => {
    const token = forge(header('HS256', 'no-such-key'), claims(), createSecretKey(randomBytes(32)))
    expect(await outcomeOf(controller, token)).toBe('algorithm_refused')
  })

  it('none without a signature is no token at all', async () => {
    const [head, body] = forge(header('none'), claims(), ec.privateKey, 'ES256').split('.')
    expect(await outcomeOf(controller, `${head}.${body}.`)).toBe('malformed_token')
  })

  it.each(['HS256', 'HS384', 'HS512'])('%s over the public key, which anybody has, is refused', async (alg) => {
    const token = forge(header(alg, rsa.libtrust), claims(), rsa.publicKey)
    expect(await outcomeOf(controller, token)).toBe('algorithm_refused')
  })

  it('of another family than the key is refused, listed or not', async () => {
    expect(await outcomeOf(controller, forge(header('RS256', ec.libtrust), claims(), rsa.privateKey))).toBe(
      'algorithm_refused',
    )
    expect(await outcomeOf(controller, forge(header('ES256', rsa.libtrust), claims(), ec.privateKey))).toBe(
      'algorithm_refused',
    )
  })

  it('is one for each key: an RSA key for RS256 verifies no PS256 and no RS512, even where those are listed', async () => {
    const wide = controllerFor({ jwks: jwksOf(rsa) }, { rules: { algorithms: ['RS256', 'RS512', 'PS256'] } })
    expect(await outcomeOf(wide, forge(header('RS256', rsa.libtrust), claims(), rsa.privateKey))).toBe('granted')
    for (const alg of ['RS512', 'PS256']) {
      expect(await outcomeOf(wide, forge(header(alg, rsa.libtrust), claims(), rsa.privateKey))).toBe(
        'algorithm_refused',
      )
    }
  })

  it('is the one that the key was published with', async () => {
    const jwks = jwksOf({ key: rsa, kid: 'pss', alg: 'PS256' })
    const pss = controllerFor({ jwks }, { rules: { algorithms: ['RS256', 'PS256'] } })
    expect(await outcomeOf(pss, forge(header('PS256', 'pss'), claims(), rsa.privateKey))).toBe('granted')
    expect(await outcomeOf(pss, forge(header('RS256', 'pss'), claims(), rsa.privateKey))).toBe('algorithm_refused')
  })

  it('of another curve is refused, listed or not', async () => {
    const p384 = ecKey('P-384')
    const both = controllerFor({ jwks: jwksOf(ec, p384) }, { rules: { algorithms: ['ES256', 'ES384'] } })
    expect(await outcomeOf(both, forge(header('ES384', p384.libtrust), claims(), p384.privateKey))).toBe('granted')
    expect(await outcomeOf(both, forge(header('ES384', ec.libtrust), claims(), p384.privateKey))).toBe(
      'algorithm_refused',
    )
  })

  it('EdDSA works where an operator lists it', async () => {
    const ed = edKey()
    const listed = controllerFor({ jwks: jwksOf(ed) }, { rules: { algorithms: ['EdDSA'] } })
    expect(await outcomeOf(listed, forge(header('EdDSA', ed.libtrust), claims(), ed.privateKey))).toBe('granted')
  })
})

describe('a signature', () => {
  const token = forge(header('ES256'), claims(), ec.privateKey)
  const [head = '', body = '', signature = ''] = token.split('.')

  it.each([
    ['of another key', forge(header('ES256'), claims(), ecKey().privateKey)],
    [
      'of another token',
      `${head}.${body}.${forge(header('ES256'), claims({ sub: 'bob' }), ec.privateKey).split('.')[2]}`,
    ],
    ['of zeros', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`],
    [
      'that is cut short',
      `${head}.${body}.${Buffer.from(signature, 'base64url').subarray(0, 63).toString('base64url')}`,
    ],
    [
      'that is too long',
      `${head}.${body}.${Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.alloc(1)]).toString('base64url')}`,
    ],
    [
      'over other claims',
      `${head}.${Buffer.from(JSON.stringify(claims({ sub: 'root' }))).toString('base64url')}.${signature}`,
    ],
  ])('%s is refused', async (_what, forged) => {
    expect(await outcomeOf(controller, forged)).toBe('bad_signature')
  })

  it('in DER, as other libraries write it, is refused', async () => {
    const raw = Buffer.from(signature, 'base64url')
    const integer = (bytes: Buffer) => {
      const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
      return Buffer.concat([Buffer.of(0x02, positive.length), positive])
    }
    const content = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
    const der = Buffer.concat([Buffer.of(0x30, content.length), content])
    expect(await outcomeOf(controller, `${head}.${body}.${der.toString('base64url')}`)).toBe('bad_signature')
  })
})
