import { type ExternalLogin, isBackendUnavailable } from '@lockkeeper/core'
import type { RequestInfo, Route } from '../../route.ts'
import { cookie, cookieValue, LOGIN_COOKIE, noCookie } from '../cookies.ts'
import { type Entered, enter } from '../enter.ts'
import { logSafely } from '../log-safely.ts'
import { seeOther } from '../page-response.ts'
import { type Problem, problemPath } from '../problems.ts'
import { newSessionId } from '../session-id.ts'
import { STEP_SECONDS } from '../steps.ts'
import type { Web } from '../web.ts'

/** Logins that one browser may have under way; the oldest gives way. */
const MAX_TABS = 4

/** Where a login at a provider begins. */
export const startPath = (mode: string): string => `/auth/${mode}/start`

/** Where a provider sends the browser back to; it is registered there, behind the external URL. */
const callbackPath = (mode: string): string => `/auth/${mode}/callback`

/** The way to one provider and back. */
export function externalLoginRoutes(web: Web, login: ExternalLogin): readonly Route[] {
  const { steps } = web
  const { mode } = login

  const start: Route = {
    method: 'GET',
    path: startPath(mode),
    async handle(request, { url }) {
      // Another site may not begin a login in our name; its visitor sees the page that asks.
      if (request.headers.get('sec-fetch-site') === 'cross-site') return seeOther('/login')
      const { redirectTo, pending } = await login.start({ callbackUrl: web.url(callbackPath(mode)) })
      const id = newSessionId()
      const next = web.target(url.searchParams.get('next') ?? undefined)
      const proof = redirectTo.searchParams.get('state') ?? ''
      await steps.keep({ purpose: 'external_login', id, proof }, mode, { ...pending, [NEXT]: next })
      const ids = [id, ...idsOf(request)].slice(0, MAX_TABS)
      return seeOther(redirectTo.href, [cookie(LOGIN_COOKIE, ids.join('.'), STEP_SECONDS)])
    },
  }
  const callback: Route = {
    method: 'GET',
    path: callbackPath(mode),
    async handle(request, info) {
      try {
        const taken = await takePending(request, info.url)
        if (taken === undefined) return problem('expired', 'no_pending_login', info)
        const { [NEXT]: next, ...pending } = taken.data
        const cookies = [remaining(request, taken.id)]
        const callbackUrl = web.url(`${callbackPath(mode)}${info.url.search}`)
        const external = await login.finish(callbackUrl, pending)
        if (external.outcome === 'rejected') return problem('refused', external.reason, info, cookies)
        return await answer(await enter(web, login, external, { request, info, next: web.target(next) }), info, cookies)
      } catch (error) {
        if (!isBackendUnavailable(error)) throw error
        web.recordLogin(info, { outcome: 'unavailable', mode, reason: error.message })
        logSafely(web.log, { level: 'warn', message: 'cannot tell', reason: error.message, error }, info)
        return seeOther(problemPath('unavailable', info.requestId))
      }
    },
  }
  return [start, callback]

  /** Takes what is kept of the login away from the store, so that no second request can use it. */
  async function takePending(request: Request, url: URL) {
    const states = url.searchParams.getAll('state')
    if (states.length > 1) return undefined
    for (const id of idsOf(request)) {
      const record = await steps.take({ purpose: 'external_login', id, proof: states[0] ?? '' })
      if (record?.mode === mode && record.data) return { id, data: record.data }
    }
    return undefined
  }

  async function answer(entered: Entered, info: RequestInfo, cookies: readonly string[]): Promise<Response> {
    if (entered.outcome === 'on') return seeOther(entered.location, [...cookies, ...entered.cookies])
    return problem(entered.problem, entered.reason, info, cookies)
  }

  function problem(name: Problem, reason: string, info: RequestInfo, cookies: readonly string[] = []): Response {
    web.recordLogin(info, { outcome: 'rejected', mode, reason })
    logSafely(web.log, { level: 'info', message: 'login refused', reason: `${mode}: ${reason}` }, info)
    return seeOther(problemPath(name, info.requestId), cookies)
  }
}

/** Beside what the login wants kept; no name that a protocol uses. */
const NEXT = 'lockkeeper:next'

const idsOf = ({ headers }: Request): readonly string[] =>
  (cookieValue(headers, LOGIN_COOKIE) ?? '').split('.', MAX_TABS).filter(Boolean)

/** The cookie for logins in other tabs. */
function remaining(request: Request, used: string): string {
  const others = idsOf(request).filter((id) => id !== used)
  return others.length === 0 ? noCookie(LOGIN_COOKIE) : cookie(LOGIN_COOKIE, others.join('.'), STEP_SECONDS)
}
