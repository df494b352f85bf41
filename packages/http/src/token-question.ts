import type { Door, PasswordCredentials } from '@lockkeeper/core'
import { readText } from './body.ts'
import { Parameters } from './parameters.ts'
import { badRequest, RequestError } from './request-error.ts'

/** A token request as it was read, before anybody is asked anything. */
export interface TokenQuestion {
  readonly door: Door
  /** Credentials of the password grant. */
  readonly form?: PasswordCredentials
  readonly service?: string
  /** Raw values, in order. */
  readonly scopes: readonly string[]
}

/** The longest body of a token request that is read, in bytes. */
const MAX_BODY_BYTES = 16 * 1024
const URLENCODED = /^application\/x-www-form-urlencoded(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i
/** May stand once; what is not listed here is ignored. */
const SINGLE = [
  'service',
  'account',
  'client_id',
  'offline_token',
  'grant_type',
  'username',
  'password',
  'refresh_token',
  'access_type',
] as const
/** Addresses are logged by every proxy on the way. */
const NEVER_IN_A_QUERY = ['password', 'refresh_token'] as const

/**
 * Reads a token request: the query of a GET, or the form of a POST. A POST with an empty body is read like a GET, since
 * early clients send that. Query and form are never merged.
 *
 * @throws {RequestError} 400 for what is malformed, repeated or a grant that is not served; 413 and 415 for the body.
 * @see {@link https://distribution.github.io/distribution/spec/auth/token/ | Distribution: token authentication}
 * @see {@link https://distribution.github.io/distribution/spec/auth/oauth/ | Distribution: OAuth 2 token authentication}
 */
export async function readTokenQuestion(request: Request, url: URL): Promise<TokenQuestion> {
  const query = Parameters.parse(url.search.slice(1))
  for (const name of NEVER_IN_A_QUERY) {
    if (query.has(name)) throw badRequest(`send ${name} in the body of a POST, never in the address`, 'secret_in_query')
  }
  const body = request.method === 'POST' ? await readText(request, MAX_BODY_BYTES) : ''
  if (body === '') return { door: 'token', ...readAsked(query) }

  const type = request.headers.get('content-type') ?? ''
  if (!URLENCODED.test(type)) {
    throw badRequest('send the body as application/x-www-form-urlencoded in UTF-8', 'body_not_a_form')
  }
  if ([...SINGLE, 'scope'].some((name) => query.has(name))) {
    throw badRequest('send parameters in the body or in the address, not in both', 'two_places')
  }
  const form = Parameters.parse(body)
  const asked = readAsked(form)
  return { door: 'token-form', form: readPasswordGrant(form), ...asked }
}

function readAsked(parameters: Parameters): Pick<TokenQuestion, 'service' | 'scopes'> {
  for (const name of SINGLE) parameters.one(name)
  const service = parameters.one('service')
  return { ...(service !== undefined && { service }), scopes: parameters.all('scope') }
}

function readPasswordGrant(form: Parameters): PasswordCredentials {
  const grant = form.one('grant_type')
  if (grant === undefined) throw badRequest('grant_type is missing; send grant_type=password', 'grant_type_missing')
  if (grant !== 'password') throw unsupportedGrant()
  const username = form.one('username')
  const password = form.one('password')
  if (username === undefined || password === undefined) {
    throw badRequest('the password grant needs username and password', 'grant_incomplete')
  }
  return { username, password }
}

const unsupportedGrant = (): RequestError =>
  new RequestError({
    status: 400,
    code: 'UNSUPPORTED',
    oauthError: 'unsupported_grant_type',
    message: 'this grant is not served here; use grant_type=password, or GET with Basic credentials',
    reason: 'unsupported_grant_type',
  })
