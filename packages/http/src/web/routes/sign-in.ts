import { holdOutage } from '../../held-answers.ts'
import type { Route } from '../../route.ts'
import { cookie, SESSION_COOKIE } from '../cookies.ts'
import { pageResponse, seeOther } from '../page-response.ts'
import { signInPage } from '../pages/sign-in-page.ts'
import { readProblem } from '../problems.ts'
import type { Web } from '../web.ts'
import { startPath } from './external-login.ts'

const WRONG =
  'The user name or the password is wrong, or signing in is blocked for the moment. Wait a few seconds and try again.'

/** The page on which people sign in, and the door for passwords. */
export function signInRoutes(web: Web): readonly Route[] {
  const { brand, login, logins, sessions, hold } = web
  const providers = [...logins.values()].map(({ name, mode }) => ({ name, startPath: startPath(mode) }))
  const view = { brand, providers, hasForm: login !== undefined }

  const show: Route = {
    method: 'GET',
    path: '/login',
    async handle(request, { url }) {
      const next = web.target(url.searchParams.get('next') ?? undefined)
      const problem = readProblem(url.searchParams)
      if (problem === undefined && (await web.signedIn(request))) return seeOther(next)
      return pageResponse(signInPage({ ...view, next, ...problem }))
    },
  }
  const home: Route = {
    method: 'GET',
    path: '/',
    handle: async (request) => seeOther((await web.signedIn(request)) ? '/profile' : '/login'),
  }
  if (login === undefined) return [home, show]

  const enter: Route = {
    method: 'POST',
    path: '/login',
    async handle(request, info) {
      const form = await web.form(request)
      const next = web.target(form.one('next'))
      const { source, requestId } = info
      const username = form.one('username') ?? ''
      const password = form.one('password') ?? ''
      const attempt = { username, password, source, door: 'login-form', requestId } as const
      const result = await holdOutage(hold, () => login(attempt))
      if (result.outcome === 'rejected') {
        await hold(result.answerAt)
        // Without a challenge: to one, browsers open a window of their own.
        return pageResponse(signInPage({ ...view, next, problem: WRONG, isWrong: true }), { status: 401 })
      }
      const id = await sessions.begin(result.account, web.browser(request, info))
      return seeOther(next, [cookie(SESSION_COOKIE, id)])
    },
  }
  return [home, show, enter]
}
