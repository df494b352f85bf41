import type { KeyObject } from 'node:crypto'
import type { ReadCertificate } from './certificate-path.ts'
import type { JwsAlgorithm } from './rules.ts'

/** A public key, and the one algorithm that it is for. */
export interface VerificationKey {
  readonly publicKey: KeyObject
  readonly algorithm: JwsAlgorithm
  /** Where the key came with one. */
  readonly certificate?: ReadCertificate
}

const MIN_RSA_BITS = 2048
const RSA_ALGORITHMS: readonly JwsAlgorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const CURVES = new Map<string | undefined, readonly JwsAlgorithm[]>([
  ['prime256v1', ['ES256']],
  ['secp384r1', ['ES384']],
  ['secp521r1', ['ES512']],
])

/** Every algorithm that a key could be used with; empty for keys that are weak or of no use here. */
export function algorithmsOf(key: KeyObject): readonly JwsAlgorithm[] {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return modulusLength >= MIN_RSA_BITS ? RSA_ALGORITHMS : []
    case 'ec':
      return CURVES.get(namedCurve) ?? []
    case 'ed25519':
      return ['EdDSA']
    default:
      return []
  }
}

/**
 * The one algorithm that a key is for: the one it was published with, if it fits the key, else the usual one.
 *
 * @returns `undefined` when it fits no algorithm.
 */
export function algorithmOf(key: KeyObject, published?: JwsAlgorithm): JwsAlgorithm | undefined {
  const possible = algorithmsOf(key)
  return published === undefined ? possible[0] : possible.find((algorithm) => algorithm === published)
}
