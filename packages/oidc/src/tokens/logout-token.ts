import { createHash } from 'node:crypto'
import type { LogoutNotice } from '@lockkeeper/core'
import { type Checked, isJsonObject, type JsonObject, type OidcRefusal, type TokenRefusal } from '../refusal.ts'
import { faultOfClaims, isSubject } from './claims.ts'
import type { TokenParts } from './id-token.ts'
import type { ReplayMemory } from './replay-memory.ts'
import { faultOfSignature } from './signature.ts'
import { parseSignedToken } from './signed-token.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const MAX_BODY_BYTES = 32 * 1024
const MAX_AGE_SECONDS = 600

/**
 * Reads what a provider posts when somebody signed out there, and believes it only when it is signed, meant for us, new
 * and nothing else.
 *
 * @param body The form as it came, `logout_token=...`.
 * @throws {BackendUnavailableError} when the provider's keys cannot be had.
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation | Logout Token Validation}
 */
export async function readLogoutToken(body: string, seen: ReplayMemory, parts: TokenParts): Promise<LogoutNotice> {
  const claims = await checkLogoutToken(body, seen, parts)
  if ('refused' in claims) return { outcome: 'rejected', reason: claims.refused }
  const { sub, sid } = claims.value
  return {
    outcome: 'signed_out',
    issuer: parts.settings.issuer,
    ...(typeof sub === 'string' && { subject: sub }),
    ...(typeof sid === 'string' && { session: sid }),
  }
}

async function checkLogoutToken(
  body: string,
  seen: ReplayMemory,
  { settings, keys, clock }: TokenParts,
): Promise<Checked<JsonObject, OidcRefusal>> {
  if (body.length > MAX_BODY_BYTES) return { refused: 'logout_parameter' }
  const [compact, ...more] = new URLSearchParams(body).getAll('logout_token')
  if (compact === undefined || more.length > 0) return { refused: 'logout_parameter' }
  const parsed = parseSignedToken(compact)
  if ('refused' in parsed) return parsed
  const { header, claims } = parsed.value

  const forged = await faultOfSignature(parsed.value, keys, settings.algorithms)
  if (forged !== undefined) return { refused: forged === 'unsure' ? 'token_kid' : forged }
  const nowSeconds = clock.wallMs() / 1000
  const fault =
    faultOfNotice(header, claims) ?? faultOfClaims(claims, { settings, nowSeconds, maxAgeSeconds: MAX_AGE_SECONDS })
  if (fault !== undefined) return { refused: fault }

  const key = createHash('sha256').update(String(claims.jti)).digest('base64url')
  const longestLifeMs = (MAX_AGE_SECONDS + 2 * settings.clockSkewSeconds) * 1000
  return seen.isFirst(key, longestLifeMs) ? { value: claims } : { refused: 'token_replayed' }
}

function faultOfNotice(header: JsonObject, claims: JsonObject): TokenRefusal | undefined {
  const { sub, sid, jti, events } = claims
  const typ = header.typ ?? 'JWT'
  if (typeof typ !== 'string' || !/^(?:logout\+)?jwt$/i.test(typ)) return 'token_kind'
  if (!isJsonObject(events) || !isJsonObject(events[EVENT])) return 'token_events'
  // A nonce would make it an ID token, and an ID token is no sign-out notice.
  if (Object.hasOwn(claims, 'nonce')) return 'token_nonce'
  if (typeof jti !== 'string' || jti === '') return 'token_jti'
  if (sub === undefined && sid === undefined) return 'token_sub'
  if (sub !== undefined && !isSubject(sub)) return 'token_sub'
  if (sid !== undefined && (typeof sid !== 'string' || sid === '' || sid.length > 255)) return 'token_sid'
  return undefined
}
