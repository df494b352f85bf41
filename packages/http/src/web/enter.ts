import type { Admission, External, ExternalLogin } from '@lockkeeper/core'
import type { RequestInfo } from '../route.ts'
import { type Arrival, writeArrival } from './arrival.ts'
import { cookie, SESSION_COOKIE, WELCOME_COOKIE } from './cookies.ts'
import type { Problem } from './problems.ts'
import { newSessionId } from './session-id.ts'
import { STEP_SECONDS } from './steps.ts'
import type { Web } from './web.ts'

/** Who a provider vouched for. */
export type Vouched = Extract<External, { outcome: 'authenticated' }>

/** Where the browser goes from here. */
export type Entered =
  | { readonly outcome: 'on'; readonly location: string; readonly cookies: readonly string[] }
  | { readonly outcome: 'problem'; readonly problem: Problem; readonly reason: string }

/** Lets a person in whom a provider vouched for, or asks a new one for a user name. */
export async function enter(
  web: Web,
  login: ExternalLogin,
  vouched: Vouched,
  { request, info, next }: { readonly request: Request; readonly info: RequestInfo; readonly next: string },
): Promise<Entered> {
  const { identity, grant } = vouched
  const arrival: Arrival = { identity, grant, next }
  const isNew = login.onboarding === 'ask' && (await web.accountStore.findByLink(identity)) === undefined
  const admission = isNew ? CHOOSE_NAME : await web.accounts.admit(identity)
  if (admission.outcome === 'choose_name') return welcome(web, login, arrival)
  return admit(web, admission, arrival, { request, info })
}

/** Begins a session for a person who was admitted. */
export async function admit(
  web: Web,
  admission: Exclude<Admission, { outcome: 'choose_name' }>,
  { identity, grant, next }: Arrival,
  { request, info }: { readonly request: Request; readonly info: RequestInfo },
): Promise<Entered> {
  if (admission.outcome === 'refused') {
    const problem = admission.reason === 'name_conflict' ? 'conflict' : 'not_allowed'
    return { outcome: 'problem', problem, reason: admission.reason }
  }
  const { account } = admission
  if (grant) await web.grants?.put(account.id, { grant, identity, checkedAt: web.clock.wallMs() })
  const { issuer, subject } = identity
  const provider = { issuer, subject, ...(grant?.session !== undefined && { session: grant.session }) }
  const id = await web.sessions.begin(account, { ...web.browser(request, info), provider })
  web.recordLogin(info, {
    outcome: 'authenticated',
    mode: identity.mode,
    accountId: account.id,
    name: account.username,
  })
  return { outcome: 'on', location: next, cookies: [cookie(SESSION_COOKIE, id)] }
}

async function welcome(web: Web, { mode }: ExternalLogin, arrival: Arrival): Promise<Entered> {
  const id = newSessionId()
  await web.steps.keep({ purpose: 'choose_name', id }, mode, writeArrival(arrival, id, web.cipher))
  return { outcome: 'on', location: '/welcome', cookies: [cookie(WELCOME_COOKIE, id, STEP_SECONDS)] }
}

const CHOOSE_NAME: Admission = Object.freeze({ outcome: 'choose_name' })
