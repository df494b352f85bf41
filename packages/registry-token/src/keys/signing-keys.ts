import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import { CompactSign, type JWTPayload } from 'jose'
import { libtrustKeyId, thumbprint } from './key-id.ts'
import type { SigningAlgorithm } from './private-key.ts'

/** One signing key. The private half stays inside. */
export interface SigningKey {
  readonly algorithm: SigningAlgorithm
  readonly publicKey: KeyObject
  readonly libtrustKeyId: string
  readonly thumbprint: string
  /** Signs claims as a compact JWS; off the main thread. `alg` and `typ` are added to the header here. */
  sign(header: TokenHeader, claims: JWTPayload): Promise<string>
}

/** What says which key signed; at least one of the two. */
export interface TokenHeader {
  readonly kid?: string
  /** Certificates in standard base64 of their DER, the one of the signing key first. */
  readonly x5c?: readonly string[]
}

/** A signing key with the certificates that vouch for it at this moment. */
export interface Signer extends SigningKey {
  /** As `x5c` carries them; empty where the key has none. */
  readonly certificates: readonly string[]
}

/** The keys of a token server: one signs for each algorithm, all are published. */
export interface SigningKeys {
  readonly algorithms: readonly SigningAlgorithm[]
  /**
   * The key that signs now.
   *
   * @throws {BackendUnavailableError} when its certificate ends and no new one can be made.
   * @throws {TypeError} for an algorithm that is not in `algorithms`.
   */
  signer(algorithm: SigningAlgorithm): Promise<Signer>
  /** Every key that tokens in circulation may be signed with. */
  published(): readonly Signer[]
  /** The certificates that registries are to trust, PEM; empty when there are none. */
  rootCertificates(): string
}

/** Wraps a private key that {@link readPrivateKey} accepted. */
export function makeSigningKey(privateKey: KeyObject, algorithm: SigningAlgorithm): SigningKey {
  const publicKey = createPublicKey(privateKey)
  // A CryptoKey, because that is what the thread pool signs with; converting it for each token costs as much as signing.
  const key = privateKey.toCryptoKey(
    algorithm === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  return {
    algorithm,
    publicKey,
    libtrustKeyId: libtrustKeyId(publicKey),
    thumbprint: thumbprint(publicKey),
    sign: ({ kid, x5c }, claims) =>
      // Not SignJWT, which copies the claims and checks them again.
      new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({
          alg: algorithm,
          typ: 'JWT',
          ...(kid !== undefined && { kid }),
          ...(x5c && { x5c: [...x5c] }),
        })
        .sign(key),
  }
}
