import type { SigningAlgorithm } from './private-key.ts'

/** Names of the files in a key folder. */
export const KEY_FILES = {
  /** The private key of the certificate authority; absent where certificates are made elsewhere. */
  authorityKey: 'ca.key',
  /** Its certificate: what registries trust. */
  authority: 'ca.crt',
} as const

/** The private key that signs with an algorithm: `signing-es256.key`. */
export const signingKeyFile = (algorithm: SigningAlgorithm): string => `signing-${algorithm.toLowerCase()}.key`

/** Certificates for that key that were made elsewhere, its own first: `signing-es256.crt`. */
export const signingCertificateFile = (algorithm: SigningAlgorithm): string => `signing-${algorithm.toLowerCase()}.crt`
