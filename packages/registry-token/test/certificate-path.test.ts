import { beforeAll, describe, expect, it } from 'vitest'
import { type CertifyOptions, certify, type TestCertificate, x509 } from './certificates.ts'
import { stoppedClock } from './clock.ts'
import { claims, controllerFor, ecKey, forge, NOW, outcomeOf, rsaKey } from './forge.ts'

const DAY_MS = 86_400_000
const { digitalSignature, keyCertSign, cRLSign, keyEncipherment } = x509.KeyUsageFlags

let root: TestCertificate
beforeAll(async () => {
  root = await certify(ecKey(), { ca: true })
})

/** What becomes of a token that the first certificate's key signed and that carries these certificates. */
async function verify(
  chain: readonly TestCertificate[],
  options: { roots?: string; x5c?: unknown; at?: number; kid?: string } = {},
) {
  const [leaf] = chain
  if (!leaf) throw new Error('a chain needs a leaf')
  const alg = leaf.key.privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256'
  const x5c = 'x5c' in options ? options.x5c : chain.map((certificate) => certificate.x5c)
  const header = { alg, typ: 'JWT', x5c, ...(options.kid !== undefined && { kid: options.kid }) }
  const nowMs = options.at ?? NOW
  const seconds = Math.floor(nowMs / 1000)
  const controller = controllerFor({ certificates: options.roots ?? root.pem }, { clock: stoppedClock(nowMs) })
  const times = { iat: seconds, nbf: seconds, exp: seconds + 300 }
  return outcomeOf(controller, forge(header, claims(times), leaf.key.privateKey))
}
const leafOf = (options: CertifyOptions = {}, key = ecKey()) => certify(key, { issuer: root, ...options })

describe('VER-03: x5c is trusted', () => {
  it('when a trusted authority vouches for the leaf, whether it is sent along or not', async () => {
    const leaf = await leafOf()
    expect(await verify([leaf])).toBe('granted')
    expect(await verify([leaf, root])).toBe('granted')
  })

  it('for RSA keys under an EC authority', async () => {
    expect(await verify([await leafOf({}, rsaKey())])).toBe('granted')
  })

  it('over intermediate authorities in their order', async () => {
    const middle = await certify(ecKey(), { issuer: root, ca: true })
    const lower = await certify(ecKey(), { issuer: middle, ca: true })
    const leaf = await certify(ecKey(), { issuer: lower })
    expect(await verify([leaf, lower, middle])).toBe('granted')
    expect(await verify([leaf, lower, middle, root])).toBe('granted')
    expect(await verify([leaf, middle, lower])).toBe('untrusted_certificate')
    expect(await verify([leaf, middle])).toBe('untrusted_certificate')
    expect(await verify([leaf])).toBe('untrusted_certificate')
  })

  it('when the leaf itself is trusted, self-signed or not', async () => {
    const own = await certify(ecKey())
    expect(await verify([own], { roots: own.pem })).toBe('granted')
    const authority = await certify(ecKey(), { ca: true, usage: null })
    expect(await verify([authority], { roots: authority.pem })).toBe('granted')
  })

  it('beside a key id that nobody knows', async () => {
    expect(await verify([await leafOf()], { kid: 'unheard-of' })).toBe('granted')
  })

  it('when its use is not limited, or includes signing', async () => {
    expect(await verify([await leafOf({ usage: null })])).toBe('granted')
    expect(await verify([await leafOf({ usage: digitalSignature | keyEncipherment })])).toBe('granted')
  })
})

describe('VER-03: x5c is not trusted', () => {
  const refused = 'untrusted_certificate'

  it('when nobody trusted vouches for it', async () => {
    const stranger = await certify(ecKey(), { ca: true })
    expect(await verify([await certify(ecKey(), { issuer: stranger })])).toBe(refused)
    expect(await verify([await certify(ecKey(), { issuer: stranger }), stranger])).toBe(refused)
    expect(await verify([await certify(ecKey())])).toBe(refused)
  })

  it('when the authority only has the name of a trusted one', async () => {
    const namesake = await certify(ecKey(), { ca: true, subject: root.certificate.subject })
    expect(await verify([await certify(ecKey(), { issuer: namesake })])).toBe(refused)
    expect(await verify([await certify(ecKey(), { issuer: namesake }), namesake])).toBe(refused)
  })

  it('before its time and after it, to the second', async () => {
    const leaf = await leafOf({ fromMs: NOW, untilMs: NOW + DAY_MS / 2 })
    expect(await verify([leaf], { at: NOW - 1000 })).toBe(refused)
    expect(await verify([leaf], { at: NOW })).toBe('granted')
    expect(await verify([leaf], { at: NOW + DAY_MS / 2 })).toBe('granted')
    expect(await verify([leaf], { at: NOW + DAY_MS / 2 + 1000 })).toBe(refused)
  })

  it('when an authority above it has ended', async () => {
    const old = await certify(ecKey(), { ca: true, untilMs: NOW - 1000 })
    expect(await verify([await certify(ecKey(), { issuer: old })], { roots: old.pem })).toBe(refused)
    const middle = await certify(ecKey(), { issuer: root, ca: true, untilMs: NOW - 1000 })
    expect(await verify([await certify(ecKey(), { issuer: middle }), middle])).toBe(refused)
  })

  it('when it is trusted itself and has ended', async () => {
    const own = await certify(ecKey(), { untilMs: NOW - 1000 })
    expect(await verify([own], { roots: own.pem })).toBe(refused)
  })

  it('when what vouches for it is no authority', async () => {
    const leaf = await leafOf()
    const below = await certify(ecKey(), { issuer: leaf })
    expect(await verify([below, leaf])).toBe(refused)
    const pinned = await certify(ecKey())
    expect(await verify([await certify(ecKey(), { issuer: pinned })], { roots: pinned.pem })).toBe(refused)
  })

  it('when the authority may not sign certificates', async () => {
    const middle = await certify(ecKey(), { issuer: root, ca: true, usage: digitalSignature | cRLSign })
    expect(await verify([await certify(ecKey(), { issuer: middle }), middle])).toBe(refused)
  })

  it('when more authorities stand below one than it allows', async () => {
    const strict = await certify(ecKey(), { ca: true, pathLength: 0 })
    const middle = await certify(ecKey(), { issuer: strict, ca: true })
    expect(await verify([await certify(ecKey(), { issuer: strict })], { roots: strict.pem })).toBe('granted')
    expect(await verify([await certify(ecKey(), { issuer: middle }), middle], { roots: strict.pem })).toBe(refused)
  })

  it.each([
    ['encryption', keyEncipherment],
    ['signing certificates', keyCertSign],
  ])('when it is for %s', async (_what, usage) => {
    expect(await verify([await leafOf({ usage })])).toBe(refused)
  })

  it('when it says something critical that is not understood', async () => {
    const nameConstraints = new x509.Extension('2.5.29.30', true, Buffer.from('3000', 'hex'))
    expect(await verify([await leafOf({ extensions: [nameConstraints] })])).toBe(refused)
    const uncritical = new x509.Extension('2.5.29.30', false, Buffer.from('3000', 'hex'))
    expect(await verify([await leafOf({ extensions: [uncritical] })])).toBe('granted')
  })

  it('in another spelling than canonical standard base64', async () => {
    const leaf = await leafOf()
    const url = Buffer.from(leaf.x5c, 'base64').toString('base64url')
    const trailing = Buffer.concat([Buffer.from(leaf.x5c, 'base64'), Buffer.from('more')]).toString('base64')
    for (const x5c of [
      [url],
      [`${leaf.x5c.slice(0, 64)}\n${leaf.x5c.slice(64)}`],
      [leaf.pem],
      [trailing],
      [''],
      ['MIIB'],
      [`${leaf.x5c}AAAA`],
    ]) {
      expect(await verify([leaf], { x5c })).toBe(refused)
    }
  })

  it('when it is no list of texts', async () => {
    const leaf = await leafOf()
    for (const x5c of [leaf.x5c, null, {}, [null], [1], [[leaf.x5c]], { 0: leaf.x5c, length: 1 }]) {
      expect(await verify([leaf], { x5c })).toBe('header_refused')
    }
  })

  it('when its key is not the one that signed', async () => {
    const leaf = await leafOf()
    const header = { alg: 'ES256', typ: 'JWT', x5c: [leaf.x5c] }
    const controller = controllerFor({ certificates: root.pem })
    expect(await outcomeOf(controller, forge(header, claims(), ecKey().privateKey))).toBe('bad_signature')
  })

  it('without configured roots, also where its key is trusted by id', async () => {
    const key = ecKey()
    const leaf = await certify(key, { issuer: root })
    const jwks = { keys: [{ ...key.jwk, kid: key.libtrust }] } as never
    const controller = controllerFor({ jwks })
    const token = (kid?: string) =>
      forge({ alg: 'ES256', typ: 'JWT', x5c: [leaf.x5c], ...(kid && { kid }) }, claims(), key.privateKey)
    expect(await outcomeOf(controller, token())).toBe(refused)
    expect(await outcomeOf(controller, token(key.libtrust))).toBe('granted')
  })

  it('empty, which is the same as none', async () => {
    expect(await verify([await leafOf()], { x5c: [] })).toBe('no_key')
  })
})
