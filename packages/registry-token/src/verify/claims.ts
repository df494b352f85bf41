import type { Access } from '@lockkeeper/registry-protocol'
import type { VerifyReason } from './contract.ts'
import type { VerifyRules } from './rules.ts'
import type { JsonObject, JsonValue } from './strict-json.ts'

/** The claims of a verified token. Times are whole seconds since the epoch. */
export interface VerifiedClaims {
  readonly issuer: string
  readonly subject: string
  /** The one that was expected; the token may name others beside it. */
  readonly audience: string
  readonly expiresAt: number
  readonly notBefore?: number
  readonly issuedAt?: number
  readonly id?: string
  readonly access: readonly Access[]
}

/** How times are judged. */
export interface TimeLimits {
  readonly leewaySeconds: number
  readonly maxLifetimeSeconds: number
}

const MAX_ACCESS_ENTRIES = 100
const MAX_ACTIONS = 32

/**
 * Reads claims with exactly the types they must have; nothing is converted. The issuer is read and not judged.
 *
 * @param audiences The token must name one of them. *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1 | RFC 7519 section 4.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.8 | RFC 8725 section 3.8}
 */
export function readClaims(
  payload: JsonObject,
  audiences: readonly string[],
  rules: VerifyRules,
): VerifiedClaims | VerifyReason {
  const issuer = payload.get('iss')
  const subject = payload.has('sub') ? payload.get('sub') : ''
  const id = payload.get('jti')
  const expiresAt = payload.get('exp')
  const notBefore = payload.get('nbf')
  const issuedAt = payload.get('iat')
  const isTime = rules.insecureOptionalTimes ? isOptionalTime : isTimeValue
  const named = readAudiences(payload.get('aud'), rules)
  const access = readAccess(payload.get('access'))
  if (typeof issuer !== 'string' || typeof subject !== 'string') return 'malformed_claims'
  if (id !== undefined && typeof id !== 'string') return 'malformed_claims'
  if (!isTimeValue(expiresAt) || !isTime(notBefore) || !isTime(issuedAt)) return 'malformed_claims'
  if (!named || !access) return 'malformed_claims'

  const audience = audiences.find((ours) => named.includes(ours))
  if (audience === undefined) return 'wrong_audience'
  return {
    issuer,
    subject,
    audience,
    expiresAt,
    ...(notBefore !== undefined && { notBefore }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(id !== undefined && { id }),
    access,
  }
}

/** Judges the times of a token; asked again whenever a kept result is used. */
export function judgeTimes(claims: VerifiedClaims, limits: TimeLimits, nowMs: number): VerifyReason | undefined {
  const { expiresAt, notBefore = 0, issuedAt } = claims
  const { leewaySeconds, maxLifetimeSeconds } = limits
  const now = nowMs / 1000
  if (now >= expiresAt + leewaySeconds) return 'expired'
  if (notBefore > now + leewaySeconds) return 'not_yet_valid'
  if (issuedAt !== undefined && issuedAt > now + leewaySeconds) return 'issued_ahead'
  if (expiresAt - (issuedAt ?? now) > maxLifetimeSeconds) return 'lives_too_long'
  return undefined
}

const isTimeValue = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const isOptionalTime = (value: JsonValue | undefined): value is number | undefined =>
  value === undefined || isTimeValue(value)

function readAudiences(value: JsonValue | undefined, rules: VerifyRules): readonly string[] | undefined {
  if (typeof value === 'string') return [value]
  return rules.audienceArrays && isArray(value) ? strings(value) : undefined
}

/** Missing and null grant nothing; anything else must be a list of complete entries. */
function readAccess(value: JsonValue | undefined): readonly Access[] | undefined {
  if (value === undefined || value === null) return []
  if (!isArray(value) || value.length > MAX_ACCESS_ENTRIES) return undefined
  const entries = value.map(readEntry)
  const complete = entries.filter((entry) => entry !== undefined)
  return complete.length === entries.length ? complete : undefined
}

function readEntry(value: JsonValue): Access | undefined {
  if (!(value instanceof Map)) return undefined
  const type: unknown = value.get('type')
  const name: unknown = value.get('name')
  const scopeClass: unknown = value.get('class')
  const actions = readActions(value.get('actions'))
  if (typeof type !== 'string' || typeof name !== 'string' || !actions) return undefined
  if (scopeClass !== undefined && typeof scopeClass !== 'string') return undefined
  return { type, name, actions, ...(scopeClass !== undefined && { class: scopeClass }) }
}

function readActions(value: JsonValue | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return []
  return isArray(value) && value.length <= MAX_ACTIONS ? strings(value) : undefined
}

function strings(values: readonly JsonValue[]): readonly string[] | undefined {
  const texts = values.filter((value) => typeof value === 'string')
  return texts.length === values.length ? texts : undefined
}

/** `Array.isArray` does not narrow a readonly array. */
const isArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value)
