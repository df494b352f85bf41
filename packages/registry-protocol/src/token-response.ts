import { type BodyLimits, type BodyProblem, readJsonBody } from './json-body.ts'
import { formatInstant, parseInstant } from './rfc3339.ts'

/** Shortest life that a response may state, in seconds: clients take a shorter one, and a missing one, for this. */
export const MIN_EXPIRES_IN_SECONDS = 60
/** Longer lives are read as this one, 68 years, so that arithmetic on dates stays possible. */
const MAX_EXPIRES_IN_SECONDS = 2 ** 31 - 1

/** What a token endpoint answers with status 200. */
export interface TokenResponse {
  /** The signed token; a secret. */
  readonly token: string
  /** How long the token can be used, counted from `issuedAt`, in seconds. */
  readonly expiresInSeconds: number
  /** When the token was made, by the clock of the server; printed in whole seconds. */
  readonly issuedAt?: Date
  /** What was granted, separated by spaces; may be less than was asked for, and empty. */
  readonly scope?: string
  /** Only when it was asked for: clients store it in place of the password. A secret. */
  readonly refreshToken?: string
}

/** Why no token could be read; `bad_token` cannot be sent in a header. */
export type TokenResponseProblem = BodyProblem | 'no_token' | 'bad_token'

/**
 * What is wrong with a response that holds a token all the same:
 * - `byte_order_mark`, `bad_expires_in`, `bad_issued_at`: clients written in Go refuse the whole response
 * - `short_expires_in`: under 60 s, so that docker and skopeo use the token for too long
 * - `token_only`: clients that used POST find no token
 * - `access_token_only`: clients that know `token` alone find no token
 * - `tokens_differ`: which of the two is used depends on the client
 */
export type TokenResponseWarning =
  | 'byte_order_mark'
  | 'bad_expires_in'
  | 'short_expires_in'
  | 'bad_issued_at'
  | 'token_only'
  | 'access_token_only'
  | 'tokens_differ'

/** What {@link parseTokenResponse} found. */
export type TokenResponseResult =
  | {
      readonly outcome: 'token'
      readonly response: TokenResponse
      readonly warnings: readonly TokenResponseWarning[]
    }
  | { readonly outcome: 'failed'; readonly problem: TokenResponseProblem }

/**
 * Prints the body of a 200 answer in the form that every known client reads: the same token twice, `expires_in` as an
 * integer, `issued_at` as RFC 3339 in UTC.
 *
 * @throws {TypeError} if the token or refresh token is not visible ASCII, or `expiresInSeconds` is not an integer from
 * 60 up. The message never holds a token.
 * @see {@link https://distribution.github.io/distribution/spec/auth/token/ | Distribution: token authentication}
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.1 | RFC 6749 section 5.1}
 */
export function formatTokenResponse(response: TokenResponse): string {
  const { token, expiresInSeconds, issuedAt, scope, refreshToken } = response
  if (!isToken(token)) throw new TypeError('a token must be visible ASCII and not empty')
  if (refreshToken !== undefined && !isToken(refreshToken)) {
    throw new TypeError('a refresh token must be visible ASCII and not empty')
  }
  if (!Number.isSafeInteger(expiresInSeconds) || expiresInSeconds < MIN_EXPIRES_IN_SECONDS) {
    throw new TypeError(`expiresInSeconds must be an integer of at least ${MIN_EXPIRES_IN_SECONDS}`)
  }
  return JSON.stringify({
    token,
    access_token: token,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    ...(issuedAt !== undefined && { issued_at: formatInstant(issuedAt) }),
    ...(scope !== undefined && { scope }),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  })
}

/**
 * Reads the body of a 200 answer, tolerantly: what other clients would refuse becomes a warning if a token is there.
 * `access_token` goes before `token`; an `expires_in` that is missing, unreadable, zero or less
 * counts as 60 s.
 *
 * Never throws; a body over the size limit is not read.
 *
 * @param limits `maxBytes` defaults to 65 536.
 */
export function parseTokenResponse(body: string | Uint8Array, limits: BodyLimits = {}): TokenResponseResult {
  const json = readJsonBody(body, limits.maxBytes)
  if (json.outcome === 'failed') return { outcome: 'failed', problem: json.problem }
  const { members } = json

  const token = readText(members.get('token'))
  const accessToken = readText(members.get('access_token'))
  const chosen = accessToken ?? token
  if (chosen === undefined) return { outcome: 'failed', problem: 'no_token' }
  if (!isToken(chosen)) return { outcome: 'failed', problem: 'bad_token' }

  const expiresIn = members.get('expires_in') ?? MIN_EXPIRES_IN_SECONDS
  const issuedAtText = members.get('issued_at') ?? undefined
  const issuedAt = typeof issuedAtText === 'string' ? parseInstant(issuedAtText) : undefined
  const scope = members.get('scope')
  const refreshToken = readText(members.get('refresh_token'))

  const warnings = new Map<TokenResponseWarning, boolean>([
    ['byte_order_mark', json.hasByteOrderMark],
    ['token_only', accessToken === undefined],
    ['access_token_only', token === undefined],
    ['tokens_differ', token !== undefined && accessToken !== undefined && token !== accessToken],
    ['bad_expires_in', !isInteger(expiresIn)],
    ['short_expires_in', isInteger(expiresIn) && expiresIn < MIN_EXPIRES_IN_SECONDS],
    ['bad_issued_at', issuedAtText !== undefined && issuedAt === undefined],
  ])
  return {
    outcome: 'token',
    response: {
      token: chosen,
      expiresInSeconds: readLife(expiresIn),
      ...(issuedAt !== undefined && { issuedAt }),
      ...(typeof scope === 'string' && { scope }),
      ...(refreshToken !== undefined && isToken(refreshToken) && { refreshToken }),
    },
    warnings: [...warnings].filter(([, applies]) => applies).map(([warning]) => warning),
  }
}

const isToken = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)

const isInteger = (value: unknown): value is number => Number.isInteger(value)

const readLife = (seconds: unknown): number =>
  isInteger(seconds) && seconds > 0 ? Math.min(seconds, MAX_EXPIRES_IN_SECONDS) : MIN_EXPIRES_IN_SECONDS

/** A string that is not empty: an empty token is no token. */
const readText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
