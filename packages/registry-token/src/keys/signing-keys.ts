import { createPublicKey, type KeyObject, subtle } from 'node:crypto'
import type { JWTPayload } from 'jose'
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

/** What Web Crypto calls the algorithms, for keys and for signatures alike. */
const WEB_CRYPTO = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
} as const satisfies Record<SigningAlgorithm, object>

/**
 * Wraps a private key that {@link readPrivateKey} accepted.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 | RFC 7515 section 7.1}, compact serialization.
 */
export function makeSigningKey(privateKey: KeyObject, algorithm: SigningAlgorithm): SigningKey {
  const publicKey = createPublicKey(privateKey)
  // A CryptoKey, because that is what the thread pool signs with; converting it for each token costs as much as signing.
  const key = privateKey.toCryptoKey(WEB_CRYPTO[algorithm], false, ['sign'])
  const encodeHeader = rememberLast(({ kid, x5c }) => base64url({ alg: algorithm, typ: 'JWT', kid, x5c }))
  return {
    algorithm,
    publicKey,
    libtrustKeyId: libtrustKeyId(publicKey),
    thumbprint: thumbprint(publicKey),
    // By hand, because a library writes the header anew for each token, and that costs more than signing.
    async sign(header, claims) {
      const input = `${encodeHeader(header)}.${base64url(claims)}`
      const signature = await subtle.sign(WEB_CRYPTO[algorithm], key, Buffer.from(input))
      return `${input}.${Buffer.from(signature).toString('base64url')}`
    },
  }
}

/** Most of a token is its header, and that stays the same until the certificate is renewed. */
function rememberLast(encode: (header: TokenHeader) => string): (header: TokenHeader) => string {
  let last: TokenHeader | undefined
  let encoded = ''
  return (header) => {
    if (last === undefined || last.kid !== header.kid || last.x5c !== header.x5c) {
      last = header
      encoded = encode(header)
    }
    return encoded
  }
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
