import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { systemClock } from '@lockkeeper/core'
import { createAuthority } from './authority.ts'
import { type KeyOptions, makeKeyRing } from './key-ring.ts'
import type { SigningAlgorithm } from './private-key.ts'
import { makeSigningKey, type SigningKeys } from './signing-keys.ts'

/** Size of the RSA keys that are made when nothing else is said, in bits. */
export const DEFAULT_RSA_BITS = 3072

/** Which keys {@link generateKeys} makes. */
export interface GenerateKeysOptions extends KeyOptions {
  /** Default: `['ES256']`. */
  readonly algorithms?: readonly SigningAlgorithm[]
  /** Size of an RSA key. Default: 3072; signing with 2048 takes a third of the time. */
  readonly rsaBits?: 2048 | 3072 | 4096
}

/**
 * Makes a certificate authority and signing keys that live in memory only: for tests and throw-away servers. Tokens end
 * with the process; a server that restarts wants {@link createKeyFolder}.
 */
export async function generateKeys(options: GenerateKeysOptions = {}): Promise<SigningKeys> {
  const { algorithms = ['ES256'], rsaBits = DEFAULT_RSA_BITS, clock = systemClock } = options
  const { authority } = await createAuthority(clock.wallMs())
  const keys = algorithms.map((algorithm) => ({
    key: makeSigningKey(generatePrivateKey(algorithm, rsaBits), algorithm),
  }))
  return makeKeyRing({ authority, keys, rootCertificates: authority.certificatePem }, options)
}

/** A new private key for an algorithm. */
export function generatePrivateKey(algorithm: SigningAlgorithm, rsaBits: number): KeyObject {
  return algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : generateKeyPairSync('rsa', { modulusLength: rsaBits }).privateKey
}
