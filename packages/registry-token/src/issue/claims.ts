import type { Access } from '@lockkeeper/registry-protocol'

/** The claims of a registry token. */
export interface RegistryTokenClaims {
  readonly iss: string
  /** Empty when anonymous. */
  readonly sub: string
  /** One string: registry 2.x refuses an array. */
  readonly aud: string
  readonly exp: number
  readonly nbf: number
  readonly iat: number
  readonly jti: string
  /** Always an array of complete objects: registries crash on null entries. */
  readonly access: readonly Access[]
}

/** What {@link makeClaims} works with. */
export interface ClaimParts {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  readonly access: readonly Access[]
  readonly lifeSeconds: number
  readonly nowMs: number
  readonly randomBytes: (size: number) => Uint8Array
}

/** Clients take a shorter life, and a missing one, for this. */
const MIN_LIFE_SECONDS = 60
/** Some verifiers have no leeway for clocks that differ. */
const BACKDATED_SECONDS = 30

/**
 * Makes the claims of a token, with integer times that no verifier finds to lie ahead.
 *
 * @returns `expiresInSeconds` is what is left of the life, rounded down, and at least 60.
 * @see {@link https://distribution.github.io/distribution/spec/auth/jwt/ | Distribution: token claims}
 */
export function makeClaims(parts: ClaimParts): {
  claims: RegistryTokenClaims
  expiresInSeconds: number
  issuedAt: Date
} {
  const now = parts.nowMs / 1000
  const iat = Math.floor(now)
  // Rounding down may cost a second, which the shortest life does not have.
  const exp = Math.max(iat + parts.lifeSeconds, Math.ceil(now) + MIN_LIFE_SECONDS)
  const claims = {
    iss: parts.issuer,
    sub: parts.subject,
    aud: parts.audience,
    exp,
    nbf: iat - BACKDATED_SECONDS,
    iat,
    jti: Buffer.from(parts.randomBytes(16)).toString('base64url'),
    access: parts.access,
  }
  return { claims, expiresInSeconds: Math.floor(exp - now), issuedAt: new Date(iat * 1000) }
}
