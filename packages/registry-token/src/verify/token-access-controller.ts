import { systemClock } from '@lockkeeper/core'
import { compactVerify } from 'jose'
import { bearerChallenger, covers } from './challenge.ts'
import { judgeTimes, readClaims, type VerifiedClaims } from './claims.ts'
import { type CompactToken, MAX_TOKEN_LENGTH, splitCompact } from './compact.ts'
import type { AccessController, Verified, VerifyReason } from './contract.ts'
import { readHeader } from './header.ts'
import { parseTokenAccessControllerOptions, type TokenAccessControllerOptions } from './options.ts'
import { ResultCache } from './result-cache.ts'
import { VERIFY_PROFILES, type VerifyRules } from './rules.ts'
import { selectKey } from './select-key.ts'
import type { KeyTable } from './trusted-keys.ts'

/** A token that verified, before its access is compared with what is needed. */
interface Kept {
  readonly claims: VerifiedClaims
  /** The keys that it was verified with. */
  readonly table: KeyTable
  /** Until when this may be used without verifying again, in milliseconds since the epoch. */
  readonly untilMs: number
}

/**
 * Verifies registry tokens offline, as a registry does, and says for each refusal why.
 *
 * @throws {ConfigurationError} with every problem found.
 * @see {@link https://distribution.github.io/distribution/spec/auth/jwt/ | Distribution: token verification}
 */
export function tokenAccessController(options: TokenAccessControllerOptions): AccessController {
  const settings = parseTokenAccessControllerOptions(options)
  const { service, clock = systemClock } = settings
  const rules: VerifyRules = { ...VERIFY_PROFILES[settings.profile], ...settings.rules }
  const audiences = [service, ...settings.otherAudiences]
  const keysByIssuer = new Map([settings, ...settings.otherIssuers].map(({ issuer, keys }) => [issuer, keys]))
  const tableOf = (issuer: string): KeyTable | undefined => keysByIssuer.get(issuer)?.tableFor(rules)
  const challenger = bearerChallenger(settings.realm, service)
  const cache = new ResultCache<Kept>(settings.maxCachedTokens)

  async function verify(token: string, parts: CompactToken, nowMs: number): Promise<Kept | VerifyReason> {
    const header = readHeader(parts.header, rules)
    if (typeof header === 'string') return header
    const claims = readClaims(parts.payload, audiences, rules)
    if (typeof claims === 'string') return claims
    // The issuer that the token names decides which keys count; whether it says the truth, the signature shows.
    const table = tableOf(claims.issuer)
    if (!table) return 'wrong_issuer'
    const key = selectKey(header, table, rules, nowMs)
    if (typeof key === 'string') return key
    try {
      await compactVerify(token, key.publicKey, { algorithms: [header.alg] })
    } catch {
      return 'bad_signature'
    }
    return { claims, table, untilMs: Math.min(claims.expiresAt * 1000, key.untilMs) }
  }

  async function verifyOnce(token: string): Promise<VerifiedClaims | VerifyReason> {
    const nowMs = clock.wallMs()
    const parts = splitCompact(token)
    if (typeof parts === 'string') return parts
    const kept = cache.get(token, ({ claims, table, untilMs }) => nowMs < untilMs && table === tableOf(claims.issuer))
    const verified = kept ?? (await verify(token, parts, nowMs))
    if (typeof verified === 'string') return verified
    const reason = judgeTimes(verified.claims, settings, nowMs)
    if (reason) return reason
    if (!kept) cache.keep(token, verified)
    return verified.claims
  }

  return {
    async authorize(authorization, needed): Promise<Verified> {
      const presented = readBearer(authorization)
      if (presented.outcome === 'none') return challenger.challenge(needed, 'no_token')
      if (presented.outcome === 'malformed') {
        return challenger.challenge(needed, rules.malformedBearer === 'no_token' ? 'no_token' : 'malformed_header')
      }
      const claims = await verifyOnce(presented.token)
      if (typeof claims === 'string') return challenger.challenge(needed, claims)
      if (!covers(claims.access, needed)) return challenger.challenge(needed, 'insufficient_scope')
      const { issuer, audience, id, subject, access } = claims
      const expiresAt = new Date(claims.expiresAt * 1000)
      return {
        outcome: 'granted',
        subject,
        access,
        token: { issuer, audience, expiresAt, ...(id !== undefined && { id }) },
      }
    },
  }
}

type Presented = { outcome: 'none' } | { outcome: 'malformed' } | { outcome: 'token'; token: string }

/** Another scheme than Bearer counts as no token; Bearer must be followed by one space and one word. */
function readBearer(authorization: string | undefined): Presented {
  const space = authorization?.indexOf(' ') ?? -1
  const scheme = space < 0 ? authorization : authorization?.slice(0, space)
  if (scheme?.toLowerCase() !== 'bearer') return { outcome: 'none' }
  const token = space < 0 ? '' : (authorization?.slice(space + 1) ?? '')
  // A long text is not searched: its length alone will refuse it.
  const isOneWord = token !== '' && (token.length > MAX_TOKEN_LENGTH || !token.includes(' '))
  return isOneWord ? { outcome: 'token', token } : { outcome: 'malformed' }
}
