import { canonicalName } from '@lockkeeper/core'
import type { Route } from '../../route.ts'
import { readArrival } from '../arrival.ts'
import { cookieValue, noCookie, WELCOME_COOKIE } from '../cookies.ts'
import { admit } from '../enter.ts'
import { pageResponse, seeOther } from '../page-response.ts'
import { chooseNamePage } from '../pages/choose-name-page.ts'
import { problemPath } from '../problems.ts'
import type { Step } from '../steps.ts'
import type { Web } from '../web.ts'

/** What would break a line of `docker login`, a policy or a robot's name. */
const NOT_IN_NAMES = /[,:"~#%$]/
const BAD_NAME = 'That cannot be a user name. Leave out the characters that are listed below, and spaces at either end.'
const TAKEN = 'That user name is taken. Choose another one.'

/** The page on which new people choose a user name; only who comes from a provider gets to see it. */
export function welcomeRoutes(web: Web): readonly Route[] {
  const { steps, cipher, logins, brand, accounts } = web

  const show: Route = {
    method: 'GET',
    path: '/welcome',
    async handle(request, { requestId }) {
      const arrived = await arrivalOf(request)
      if (arrived === undefined) return expired(requestId)
      return ask(arrived.provider, arrived.arrival.identity.username)
    },
  }
  const choose: Route = {
    method: 'POST',
    path: '/welcome',
    async handle(request, info) {
      const form = await web.form(request)
      const arrived = await arrivalOf(request)
      if (arrived === undefined) return expired(info.requestId)
      const { provider, arrival, step } = arrived
      const username = form.one('username') ?? ''
      if (canonicalName(username) === undefined || NOT_IN_NAMES.test(username)) return ask(provider, username, BAD_NAME)
      const admission = await accounts.admit({ ...arrival.identity, username })
      const isTaken = admission.outcome === 'refused' && admission.reason === 'name_conflict'
      if (isTaken || admission.outcome === 'choose_name') return ask(provider, username, TAKEN)
      // Of two answers to one question, one begins a session.
      if ((await steps.take(step)) === undefined) return expired(info.requestId)
      const entered = await admit(web, admission, arrival, { request, info })
      const cookies = [noCookie(WELCOME_COOKIE)]
      if (entered.outcome === 'on') return seeOther(entered.location, [...cookies, ...entered.cookies])
      web.recordLogin(info, { outcome: 'rejected', mode: arrival.identity.mode, reason: entered.reason })
      return seeOther(problemPath(entered.problem, info.requestId), cookies)
    },
  }
  return [show, choose]

  async function arrivalOf(request: Request) {
    const id = cookieValue(request.headers, WELCOME_COOKIE)
    if (id === undefined) return undefined
    const step: Step = { purpose: 'choose_name', id }
    const record = await steps.read(step)
    const login = record && logins.get(record.mode)
    if (!record?.data || !login) return undefined
    return { step, provider: login.name, arrival: readArrival(record.data, id, cipher) }
  }

  function ask(provider: string, username: string, problem?: string): Response {
    const page = chooseNamePage({ brand, provider, username, ...(problem !== undefined && { problem }) })
    return pageResponse(page, { status: problem === undefined ? 200 : 422 })
  }
}

const expired = (reference: string): Response => seeOther(problemPath('expired', reference), [noCookie(WELCOME_COOKIE)])
