import { createHash, type KeyObject } from 'node:crypto'

/** The public half of a signing key as a JWK holds it: the members that RFC 7638 requires, and no others. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: string; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly e: string; readonly n: string }
  | { readonly kty: 'OKP'; readonly crv: string; readonly x: string }

/**
 * Reads the members of a public key that a JWK holds. Coordinates keep their leading zeros.
 *
 * @throws {TypeError} for a key that is neither EC, RSA nor OKP.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-6 | RFC 7518 section 6}
 */
export function publicJwk(key: KeyObject): PublicJwk {
  const { kty, crv = '', x = '', y = '', e = '', n = '' } = key.export({ format: 'jwk' })
  switch (kty) {
    case 'EC':
      return { kty, crv, x, y }
    case 'RSA':
      return { kty, e, n }
    case 'OKP':
      return { kty, crv, x }
    default:
      throw new TypeError(`a ${kty} key has no public half`)
  }
}

/**
 * The key id that registries derive from a JWK: SHA-256 over its required members in the order of their names.
 *
 * @returns 43 characters of base64url.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7638 | RFC 7638}
 */
export function thumbprint(key: KeyObject): string {
  const jwk = publicJwk(key)
  // Written out, because the order of the members is part of what is hashed.
  const members =
    jwk.kty === 'RSA'
      ? { e: jwk.e, kty: jwk.kty, n: jwk.n }
      : jwk.kty === 'EC'
        ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
        : { crv: jwk.crv, kty: jwk.kty, x: jwk.x }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/**
 * The key id that registry 2.x derives from a certificate: the first 240 bits of SHA-256 over the DER of the public key
 * (SubjectPublicKeyInfo), as base32 in twelve groups of four.
 */
export function libtrustKeyId(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' })
  const digest = createHash('sha256').update(spki).digest()
  // 240 bits are six times five bytes, each of which is eight characters exactly.
  let bits = BigInt(`0x${digest.subarray(0, 30).toString('hex')}`)
  let text = ''
  for (let i = 0; i < 48; i++) {
    text = `${BASE32[Number(bits & 31n)]}${text}`
    bits >>= 5n
  }
  return (text.match(/.{4}/g) ?? []).join(':')
}
