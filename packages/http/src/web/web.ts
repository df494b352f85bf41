import { type AuditEvent, ConfigurationError, type ExternalLogin } from '@lockkeeper/core'
import { recordSafely } from '../audit-record.ts'
import { readText } from '../body.ts'
import { createHold, type Hold } from '../held-answers.ts'
import { Parameters } from '../parameters.ts'
import { badRequest } from '../request-error.ts'
import type { RequestInfo } from '../route.ts'
import { afterLoginTarget } from './after-login-target.ts'
import { cookieValue, SESSION_COOKIE } from './cookies.ts'
import { requireOwnOrigin } from './own-origin.ts'
import type { NewSession, SignedIn } from './sessions.ts'
import { createSteps, type Steps } from './steps.ts'
import { webOrigin } from './web-origin.ts'
import type { WebParts } from './web-parts.ts'

const URLENCODED = /^application\/x-www-form-urlencoded(?:\s*;\s*charset=(?:utf-8|"utf-8"))?\s*$/i
const MAX_FORM_BYTES = 16 * 1024

type LoginRecord = Pick<AuditEvent, 'outcome' | 'reason' | 'mode' | 'accountId' | 'name'>

/** What all routes of the pages share. */
export interface Web extends WebParts {
  readonly brand: string
  /** `https://auth.example.com`: what browsers call us. */
  readonly origin: string
  readonly logins: ReadonlyMap<string, ExternalLogin>
  readonly steps: Steps
  readonly hold: Hold
  /** An absolute URL of ours. */
  url(path: string): URL
  /** Where to go after a login, see {@link afterLoginTarget}. */
  target(text: string | undefined): string
  /** Who is signed in. */
  signedIn(request: Request): Promise<SignedIn | undefined>
  /** What a session that begins with this request remembers of it. */
  browser(request: Request, info: RequestInfo): NewSession
  /** Reads a form that a page of ours sent. @throws {RequestError} when it came from elsewhere, or is no form. */
  form(request: Request): Promise<Parameters>
  /** Leaves an audit record of a login without a password. */
  recordLogin(info: RequestInfo, event: LoginRecord): void
}

/** @throws {ConfigurationError} when pages cannot be served at the external URL, or two logins have one mode. */
export function createWeb(parts: WebParts): Web {
  const { externalUrl, externalLogins = [], sessions, sessionStore, clock, audit } = parts
  const origin = webOrigin(externalUrl)
  const logins = new Map(externalLogins.map((login) => [login.mode, login]))
  if (logins.size !== externalLogins.length) {
    throw new ConfigurationError('web', [{ path: 'externalLogins', message: 'has two logins of one mode' }])
  }
  return {
    ...parts,
    brand: parts.brand ?? 'Lockkeeper',
    origin,
    logins,
    steps: createSteps({ store: sessionStore, clock }),
    hold: createHold({ maxHeld: 5000, ...parts }),
    url: (path) => new URL(path, origin),
    target: (text) => afterLoginTarget(text, origin),
    async signedIn(request) {
      const id = cookieValue(request.headers, SESSION_COOKIE)
      return id === undefined ? undefined : sessions.find(id)
    },
    browser(request, { source }) {
      const userAgent = request.headers.get('user-agent')
      const previous = cookieValue(request.headers, SESSION_COOKIE)
      return { source, previous, ...(userAgent !== null && { userAgent }) }
    },
    async form(request) {
      requireOwnOrigin(request.headers, origin)
      if (!URLENCODED.test(request.headers.get('content-type') ?? '')) {
        throw badRequest('send the form as application/x-www-form-urlencoded in UTF-8', 'body_not_a_form')
      }
      return Parameters.parse(await readText(request, MAX_FORM_BYTES))
    },
    recordLogin: ({ source, requestId }, event) =>
      recordSafely(audit, clock, { type: 'login', door: 'browser', source, requestId, ...event }),
  }
}
