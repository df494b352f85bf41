import { isToken, isToken68 } from './challenge-grammar.ts'

/**
 * One challenge of a `WWW-Authenticate` header.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.3 | RFC 9110 section 11.3}
 */
export interface Challenge {
  /** The scheme; lower-case when it was parsed, printed as it is. */
  readonly scheme: string
  /** Parameters in order; names are lower-case when they were parsed, values are verbatim and unquoted. */
  readonly params: ReadonlyMap<string, string>
  /** Unnamed credentials (`Negotiate YWJj==`); a challenge with them has no parameters. */
  readonly token68?: string
}

/** The words a registry may put into `error` of a Bearer challenge, RFC 6750 section 3.1. */
export type BearerError = 'invalid_token' | 'insufficient_scope' | 'invalid_request'

/** What {@link formatBearerChallenge} prints. */
export interface BearerChallengeParts {
  /** Absolute http(s) URL of the token endpoint; its query is kept. */
  readonly realm: string
  /** The audience that tokens must name; left out when empty. */
  readonly service: string
  /** Scopes separated by single spaces; left out when empty. */
  readonly scope?: string
  /** Left out when no token was presented. */
  readonly error?: BearerError
}

/**
 * Prints a challenge with every value quoted and no spaces that are not needed.
 *
 * @returns One header field value in printable ASCII.
 * @throws {TypeError} if a scheme or name is not a token, a value holds anything but printable ASCII (a line break
 * would start a header of its own), or parameters stand beside a token68.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.3 | RFC 9110 section 11.3}
 */
export function formatChallenge({ scheme, params, token68 }: Challenge): string {
  if (!isToken(scheme)) throw new TypeError('the scheme of a challenge must be a token, such as Bearer')
  if (token68 !== undefined) {
    if (params.size > 0) throw new TypeError('a challenge has either a token68 or parameters, not both')
    if (!isToken68(token68)) throw new TypeError('a token68 may hold letters, digits and -._~+/ with = at its end')
    return `${scheme} ${token68}`
  }
  const printed = Array.from(params, ([name, value]) => `${name}=${quote(name, value)}`)
  return printed.length === 0 ? scheme : `${scheme} ${printed.join(',')}`
}

/**
 * Prints the one challenge that a registry sends: `Bearer realm="…",service="…",scope="…",error="…"`, in this order and
 * without empty parameters, which is the form that every known client reads.
 *
 * @throws {TypeError} if the realm is not an absolute http(s) URL, and as {@link formatChallenge} does.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 section 3}
 */
export function formatBearerChallenge({ realm, service, scope = '', error }: BearerChallengeParts): string {
  if (!isAbsoluteHttpUrl(realm)) {
    throw new TypeError('the realm of a Bearer challenge must be an absolute URL that starts with https:// or http://')
  }
  const params = new Map([['realm', realm]])
  if (service !== '') params.set('service', service)
  if (scope !== '') params.set('scope', scope)
  if (error !== undefined) params.set('error', error)
  return formatChallenge({ scheme: 'Bearer', params })
}

/**
 * Whether `text` is an absolute http(s) URL without spaces or controls.
 * `URL` alone would also take `https:t.ex` and would drop line breaks inside.
 */
export const isAbsoluteHttpUrl = (text: string): boolean =>
  /^https?:\/\/[^/?#]/i.test(text) && !/[\0- \\\x7f]/.test(text) && URL.canParse(text)

function quote(name: string, value: string): string {
  if (!isToken(name)) throw new TypeError('the name of a challenge parameter must be a token, such as realm')
  if (!/^[\x20-\x7e]*$/.test(value)) {
    throw new TypeError(`the challenge parameter "${name}" may hold printable ASCII only`)
  }
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
