import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { thumbprint } from './key-id.ts'
import { PUBLISHED_KEYS } from './published-keys.ts'

/** The algorithms that tokens are signed with; the algorithm is fixed to the key. */
export type SigningAlgorithm = 'ES256' | 'RS256'

/** A private key that may sign, or the sentence that says why it may not and what to do. */
export type PrivateKeyResult =
  | { readonly outcome: 'accepted'; readonly privateKey: KeyObject; readonly algorithm: SigningAlgorithm }
  | { readonly outcome: 'refused'; readonly message: string }

const MIN_RSA_BITS = 2048
const PUBLIC_EXPONENT = 65_537n

/**
 * Reads a private key from PEM and judges it: EC P-256, or RSA of at least 2048 bits with the exponent 65537, and not
 * one that was published.
 *
 * @param pem PKCS#8 (`PRIVATE KEY`), SEC1 (`EC PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), not encrypted.
 */
export function readPrivateKey(pem: string | Buffer): PrivateKeyResult {
  const key = parse(pem)
  if (typeof key === 'string') return { outcome: 'refused', message: key }
  const judged = judge(key)
  if (typeof judged !== 'string') return { outcome: 'refused', message: judged.refused }
  return { outcome: 'accepted', privateKey: key, algorithm: judged }
}

function parse(pem: string | Buffer): KeyObject | string {
  const text = pem.toString('latin1')
  if (text.includes('ENCRYPTED')) {
    return 'holds an encrypted key; decrypt it, for example with `openssl pkey -in old.key -out new.key`'
  }
  if (!text.includes('PRIVATE KEY-----')) return 'holds no PEM private key'
  try {
    return createPrivateKey(pem)
  } catch {
    // The library's message is dropped: it may quote what it could not read.
    return 'holds a private key that cannot be read; is the file complete?'
  }
}

function judge(key: KeyObject): SigningAlgorithm | { readonly refused: string } {
  const algorithm = judgeStrength(key)
  if (typeof algorithm !== 'string') return algorithm
  const published = PUBLISHED_KEYS.get(thumbprint(createPublicKey(key)))
  if (published === undefined) return algorithm
  return { refused: `holds a key that is printed in ${published}, so anybody can sign with it; make a new one` }
}

function judgeStrength(key: KeyObject): SigningAlgorithm | { readonly refused: string } {
  const { namedCurve, modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ec':
      if (namedCurve !== 'prime256v1') return { refused: `holds an EC key on ${namedCurve}; use one on P-256` }
      if (isTiny(key)) return { refused: 'holds an EC key that is a tiny number, not a random one; make a new one' }
      return 'ES256'
    case 'rsa':
      if (modulusLength < MIN_RSA_BITS) {
        return {
          refused: `holds an RSA key of ${modulusLength} bits; make one of at least ${MIN_RSA_BITS}, better 3072`,
        }
      }
      if (publicExponent !== PUBLIC_EXPONENT) {
        return { refused: `holds an RSA key with the public exponent ${publicExponent}; make one with 65537` }
      }
      return 'RS256'
    default:
      return { refused: `holds a key of type ${key.asymmetricKeyType}; use EC P-256 or RSA` }
  }
}

/** Half of a random number's bytes are never zero: 2^-128. Test vectors and mistakes have such keys. */
function isTiny(key: KeyObject): boolean {
  const d = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  return BigInt(`0x${d.toString('hex')}`) < 1n << 128n
}
