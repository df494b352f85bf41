import { type PasswordCredentials, type Presented, parseBasic } from '@lockkeeper/core'
import { badRequest } from './request-error.ts'

export type { Presented } from '@lockkeeper/core'

const NONE: Presented = Object.freeze({ kind: 'none' })
const UNUSABLE: Presented = Object.freeze({ kind: 'unusable' })

/** A token of 12 KiB is the longest that is read. */
const MAX_TOKEN_LENGTH = 12 * 1024
const BEARER = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i
const SECRET = /^Harbor-Secret ([\x21-\x2b\x2d-\x7e]{1,1024})$/

/** Where credentials may stand beside the `Authorization` header. */
export interface PresentedOptions {
  /** From the body of the token endpoint's password grant. */
  readonly form?: PasswordCredentials
  /** Name of the session cookie; without one, cookies say nothing about who is asking. */
  readonly sessionCookie?: string
}

/**
 * Finds the one credential of a request. With an `Authorization` header or a form, a cookie has no say.
 *
 * @throws {RequestError} 400 when there are two: two `Authorization` fields, or one beside credentials in the body.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2 | RFC 9110 section 11.6.2}
 */
export function readPresented(headers: Headers, { form, sessionCookie }: PresentedOptions = {}): Presented {
  const authorization = readAuthorization(headers)
  if (form !== undefined) {
    if (authorization !== undefined) {
      throw badRequest('send credentials in the body or in the Authorization header, not in both', 'two_credentials')
    }
    return { kind: 'password', ...form }
  }
  if (authorization !== undefined) return parseAuthorization(authorization)
  return sessionCookie === undefined ? NONE : readCookie(headers.get('cookie') ?? '', sessionCookie)
}

/**
 * The value of the only `Authorization` field; `undefined` when there is none.
 *
 * @throws {RequestError} 400 when there are two. `Headers` joins them with a comma, which no credential that is read
 * here can hold.
 */
export function readAuthorization(headers: Headers): string | undefined {
  const value = headers.get('authorization') ?? undefined
  if (value?.includes(',')) throw badRequest('send exactly one Authorization header', 'two_authorizations')
  return value
}

function parseAuthorization(value: string): Presented {
  const credentials = parseBasic(value)
  if (credentials !== undefined) return { kind: 'password', ...credentials }
  const secret = SECRET.exec(value)?.[1]
  if (secret !== undefined) return { kind: 'secret', secret }
  const token = value.length > MAX_TOKEN_LENGTH ? undefined : BEARER.exec(value)?.[1]
  return token === undefined ? UNUSABLE : { kind: 'bearer', token }
}

function readCookie(header: string, name: string): Presented {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  const [value] = values
  if (value === undefined) return NONE
  // Two cookies of one name: one of them may have been planted from a sibling host.
  return values.length === 1 && value !== '' ? { kind: 'cookie', value } : UNUSABLE
}
