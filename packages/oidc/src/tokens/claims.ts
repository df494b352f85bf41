import type { OidcAuthSettings } from '../options.ts'
import type { JsonObject, TokenRefusal } from '../refusal.ts'

/** What the claims are judged by. */
export interface ClaimRules {
  readonly settings: Pick<OidcAuthSettings, 'issuer' | 'clientId' | 'trustedAudiences' | 'clockSkewSeconds'>
  readonly nowSeconds: number
  /** How long ago the token may have been issued. */
  readonly maxAgeSeconds: number
}

/** What is wrong with the claims that ID tokens and logout tokens share; `undefined` when nothing is. */
export function faultOfClaims(claims: JsonObject, rules: ClaimRules): TokenRefusal | undefined {
  return faultOfParties(claims, rules) ?? faultOfTimes(claims, rules)
}

function faultOfParties({ iss, aud, azp }: JsonObject, { settings }: ClaimRules): TokenRefusal | undefined {
  const { issuer, clientId, trustedAudiences } = settings
  if (iss !== issuer) return 'token_iss'
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  const known = (audience: unknown) => audience === clientId || trustedAudiences.some((other) => other === audience)
  if (!audiences.includes(clientId) || !audiences.every(known)) return 'token_aud'
  if (azp === undefined ? audiences.length > 1 : azp !== clientId) return 'token_azp'
  return undefined
}

function faultOfTimes({ exp, nbf, iat }: JsonObject, rules: ClaimRules): TokenRefusal | undefined {
  const { nowSeconds, maxAgeSeconds, settings } = rules
  const skew = settings.clockSkewSeconds
  if (!isInstant(exp) || exp <= nowSeconds - skew) return 'token_exp'
  if (nbf !== undefined && (!isInstant(nbf) || nbf > nowSeconds + skew)) return 'token_nbf'
  if (!isInstant(iat) || iat > nowSeconds + skew || iat < nowSeconds - maxAgeSeconds - skew) return 'token_iat'
  return undefined
}

/** Whether a claim is an instant that can be computed with; JSON can write infinity as 1e999. */
export const isInstant = (value: unknown): value is number => Number.isSafeInteger(value)

/** Whether a claim can be the stable id of a person: at most 255 ASCII characters. */
export const isSubject = (value: unknown): value is string =>
  typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value)
