/** Algorithms of JWS that work with key pairs. */
export const JWS_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

/** One of {@link JWS_ALGORITHMS}; `none` and the HMAC family have no place in it. */
export type JwsAlgorithm = (typeof JWS_ALGORITHMS)[number]

/** What a verifier accepts. Where a rule weakens verification, its name says so. */
export interface VerifyRules {
  /** Compared in exact case, before a key is looked up. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** Key ids under which the keys of trusted certificates are known. */
  readonly certificateKeyIds: readonly ('libtrust' | 'thumbprint')[]
  /** Whether the keys of a JWKS are used. */
  readonly jwks: boolean
  /** Whether `aud` may be an array that holds the audience. */
  readonly audienceArrays: boolean
  /** What `Bearer` followed by anything but one word counts as. */
  readonly malformedBearer: 'invalid_token' | 'no_token'
  /** An RSA key verifies every RSA algorithm of the list, instead of the one that it is for. */
  readonly insecureAnyAlgorithmOfKey: boolean
  /** `typ` may be missing or say anything. */
  readonly insecureAnyType: boolean
  /** `x5c` and `jwk` are asked before `kid`, and then alone. */
  readonly insecureEmbeddedKeyFirst: boolean
  /** A `jwk` in the header may point at a trusted key: with the libtrust id or none, or with its thumbprint. */
  readonly insecureEmbeddedJwk: 'refused' | 'libtrust' | 'thumbprint'
  /** A `kid` finds the key of a trusted certificate outside the time in which the certificate holds. */
  readonly insecureEndedCertificates: boolean
  /** `nbf` and `iat` may be missing. */
  readonly insecureOptionalTimes: boolean
}

/** The rules of this project, or those of a generation of Distribution's registry as they were measured. */
export type VerifyProfile = 'strict' | '2.x' | '3.x'

const RSA_AND_EC = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const

/** Each profile, rule by rule. `2.x` and `3.x` are for moving an existing token server, and for tests. */
export const VERIFY_PROFILES: Readonly<Record<VerifyProfile, VerifyRules>> = {
  strict: {
    algorithms: ['ES256', 'RS256'],
    certificateKeyIds: ['libtrust', 'thumbprint'],
    jwks: true,
    audienceArrays: true,
    malformedBearer: 'invalid_token',
    insecureAnyAlgorithmOfKey: false,
    insecureAnyType: false,
    insecureEmbeddedKeyFirst: false,
    insecureEmbeddedJwk: 'refused',
    insecureEndedCertificates: false,
    insecureOptionalTimes: false,
  },
  '2.x': {
    algorithms: RSA_AND_EC,
    certificateKeyIds: ['libtrust'],
    jwks: false,
    audienceArrays: false,
    malformedBearer: 'no_token',
    insecureAnyAlgorithmOfKey: true,
    insecureAnyType: true,
    insecureEmbeddedKeyFirst: true,
    insecureEmbeddedJwk: 'libtrust',
    insecureEndedCertificates: true,
    insecureOptionalTimes: true,
  },
  '3.x': {
    algorithms: [...RSA_AND_EC, 'PS256', 'PS384', 'PS512', 'EdDSA'],
    certificateKeyIds: ['thumbprint'],
    jwks: true,
    audienceArrays: true,
    malformedBearer: 'invalid_token',
    insecureAnyAlgorithmOfKey: true,
    insecureAnyType: true,
    insecureEmbeddedKeyFirst: true,
    insecureEmbeddedJwk: 'thumbprint',
    insecureEndedCertificates: true,
    insecureOptionalTimes: true,
  },
}
