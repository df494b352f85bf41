import { createHash, timingSafeEqual } from 'node:crypto'
import { BackendUnavailableError, type Clock } from '@lockkeeper/core'
import type { OidcAuthSettings } from '../options.ts'
import type { Checked, JsonObject, TokenRefusal } from '../refusal.ts'
import { faultOfClaims, isInstant, isSubject } from './claims.ts'
import { faultOfSignature } from './signature.ts'
import { parseSignedToken } from './signed-token.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Where an ID token came from, and what has to be true of it there. */
export type IdTokenUse =
  /** From the token endpoint, for a login that sent this nonce. */
  | { readonly from: 'login'; readonly nonce: string; readonly accessToken: string }
  /** From the token endpoint, for a person who is known. */
  | { readonly from: 'refresh'; readonly subject: string; readonly accessToken: string }
  /** From anybody at all. */
  | { readonly from: 'bearer' }
  /** Checked before and kept since; it says who somebody is, and no longer that they just logged in. */
  | { readonly from: 'storage'; readonly subject: string }

/** The claims of an ID token that was checked. */
export type IdTokenClaims = JsonObject & { readonly sub: string }

/** How long ago a token that comes straight from the provider may have been issued. */
const FRESH_SECONDS = 600

/** What verifying needs. */
export interface TokenParts {
  readonly settings: OidcAuthSettings
  readonly keys: SigningKeys
  readonly clock: Clock
}

/**
 * Verifies an ID token: its signature always, and every claim.
 *
 * @throws {BackendUnavailableError} when the provider's keys cannot be had.
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation | ID Token Validation}
 */
export async function verifyIdToken(
  compact: string | undefined,
  use: IdTokenUse,
  { settings, keys, clock }: TokenParts,
): Promise<Checked<IdTokenClaims, TokenRefusal>> {
  if (compact === undefined) return { refused: 'token_missing' }
  const parsed = parseSignedToken(compact)
  if ('refused' in parsed) return parsed
  const { header, claims } = parsed.value

  const forged = await faultOfSignature(parsed.value, keys, settings.algorithms)
  if (forged === 'unsure' && (use.from === 'login' || use.from === 'refresh')) {
    throw new BackendUnavailableError(settings.mode, 'the provider signed with a key that is too new', {
      retryAfterSeconds: 60,
    })
  }
  if (forged !== undefined) return { refused: forged === 'unsure' ? 'token_kid' : forged }

  const nowSeconds = use.from === 'storage' && isInstant(claims.iat) ? claims.iat : clock.wallMs() / 1000
  const maxAgeSeconds = use.from === 'bearer' ? settings.bearerMaxAgeSeconds : FRESH_SECONDS
  const fault =
    faultOfKind(header, claims, use) ??
    faultOfClaims(claims, { settings, nowSeconds, maxAgeSeconds }) ??
    faultOfUse(header, claims, use) ??
    faultOfAuthTime(claims, settings, use, nowSeconds)
  return fault === undefined ? { value: claims as IdTokenClaims } : { refused: fault }
}

/** Access, refresh and logout tokens of the same issuer carry the same signatures. They are not logins. */
function faultOfKind(header: JsonObject, claims: JsonObject, use: IdTokenUse): TokenRefusal | undefined {
  const typ = header.typ ?? 'JWT'
  const isOther =
    typeof typ !== 'string' ||
    typ.toUpperCase() !== 'JWT' ||
    Object.hasOwn(claims, 'events') ||
    (claims.typ !== undefined && claims.typ !== 'ID') ||
    (use.from === 'bearer' && (Object.hasOwn(claims, 'scope') || Object.hasOwn(claims, 'scp')))
  return isOther ? 'token_kind' : undefined
}

function faultOfUse(header: JsonObject, claims: JsonObject, use: IdTokenUse): TokenRefusal | undefined {
  if (!isSubject(claims.sub)) return 'token_sub'
  if ('subject' in use && claims.sub !== use.subject) return 'token_sub'
  if (use.from === 'login' && claims.nonce !== use.nonce) return 'token_nonce'
  if (use.from === 'bearer' || use.from === 'storage') return undefined
  if (claims.at_hash !== undefined && !matchesHash(claims.at_hash, use.accessToken, String(header.alg))) {
    return 'token_at_hash'
  }
  return undefined
}

function faultOfAuthTime(
  { auth_time }: JsonObject,
  { maxAuthAgeSeconds, clockSkewSeconds }: OidcAuthSettings,
  use: IdTokenUse,
  nowSeconds: number,
): TokenRefusal | undefined {
  if (auth_time !== undefined && !isInstant(auth_time)) return 'token_auth_time'
  if (use.from !== 'login' || maxAuthAgeSeconds === undefined) return undefined
  if (auth_time === undefined) return 'token_auth_time'
  return auth_time < nowSeconds - maxAuthAgeSeconds - clockSkewSeconds ? 'token_auth_time' : undefined
}

/** The left half of the access token's hash, by the hash function of the signature algorithm. */
function matchesHash(claim: unknown, accessToken: string, alg: string): boolean {
  const hash = alg.startsWith('Ed') ? 'sha512' : `sha${alg.slice(2)}`
  const digest = createHash(hash).update(accessToken).digest()
  const expected = Buffer.from(digest.subarray(0, digest.length / 2).toString('base64url'))
  const given = Buffer.from(typeof claim === 'string' ? claim : '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
