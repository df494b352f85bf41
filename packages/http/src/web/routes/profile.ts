import { issueCliSecret, LOCAL_MODE, type NamedSecretStore } from '@lockkeeper/core'
import { recordSafely } from '../../audit-record.ts'
import type { Parameters } from '../../parameters.ts'
import type { RequestInfo, Route } from '../../route.ts'
import { dockerLogin } from '../docker-login.ts'
import { pageResponse, seeOther } from '../page-response.ts'
import { type ProfileView, profilePage } from '../pages/profile-page.ts'
import type { SignedIn } from '../sessions.ts'
import type { Web } from '../web.ts'
import { providerOf } from './sign-out.ts'

const DAY_MS = 86_400_000
/** What the form offers, in days; nothing is never. */
const LIVES: ReadonlyMap<string, number | undefined> = new Map([
  ['30', 30],
  ['90', 90],
  ['365', 365],
  ['', undefined],
])
/** What a change is called in the address that is shown after it. */
const DONE: ReadonlyMap<string, string> = new Map([
  ['secret', 'The secret is revoked: it opens nothing any more.'],
  ['session', 'The other browser is signed out.'],
])

type Change = (form: Parameters, signedIn: SignedIn, info: RequestInfo) => Promise<Response>

/** The page of a person, and what can be done there. */
export function profileRoutes(web: Web): readonly Route[] {
  const { brand, clock, audit, sessions, secrets } = web
  const show: Route = {
    method: 'GET',
    path: '/profile',
    async handle(request, { url }) {
      const signedIn = await web.signedIn(request)
      if (!signedIn) return toSignIn()
      const done = DONE.get(url.searchParams.get('done') ?? '')
      return page(signedIn, done === undefined ? {} : { done })
    },
  }
  return [
    show,
    change('/profile/sessions/revoke', revokeSession),
    ...(secrets
      ? [
          change('/profile/secrets', (form, signedIn, info) => makeSecret(secrets, form, signedIn, info)),
          change('/profile/secrets/revoke', (form, signedIn, info) => revokeSecret(secrets, form, signedIn, info)),
        ]
      : []),
  ]

  function change(path: string, make: Change): Route {
    return {
      method: 'POST',
      path,
      async handle(request, info) {
        const form = await web.form(request)
        const signedIn = await web.signedIn(request)
        return signedIn ? make(form, signedIn, info) : toSignIn()
      },
    }
  }

  /** A secret works for as long as somebody says that its owner is still welcome; see `createSecretLogin`. */
  function canHaveSecrets({ ownerMode }: SignedIn): boolean {
    return ownerMode === LOCAL_MODE || web.logins.get(ownerMode)?.refresh !== undefined
  }

  async function makeSecret(store: NamedSecretStore, form: Parameters, signedIn: SignedIn, info: RequestInfo) {
    if (!canHaveSecrets(signedIn)) return page(signedIn, { problem: 'There are no secrets for your account.' }, 422)
    const name = (form.one('name') ?? '').trim()
    const days = form.one('days') ?? ''
    if (!LIVES.has(days)) return page(signedIn, { problem: 'Choose when the secret expires.' }, 422)
    const life = LIVES.get(days)
    const expiresAt = life === undefined ? {} : { expiresAt: clock.wallMs() + life * DAY_MS }
    try {
      const { text, secret } = await issueCliSecret(
        { secrets: store, clock },
        { accountId: signedIn.account.id, name, ...expiresAt },
      )
      record('secret_made', signedIn, info, { secret: secret.id })
      return await page(signedIn, { made: { name, secret: text.reveal() } })
    } catch (error) {
      if (!isForPeople(error)) throw error
      return page(signedIn, { problem: sentence(error.message) }, 422)
    }
  }

  async function revokeSecret(store: NamedSecretStore, form: Parameters, signedIn: SignedIn, info: RequestInfo) {
    const id = form.one('id') ?? ''
    const isDone = await store.revoke(signedIn.account.id, id, clock.wallMs())
    if (isDone) record('secret_revoked', signedIn, info, { secret: id })
    return seeOther('/profile?done=secret')
  }

  async function revokeSession(form: Parameters, signedIn: SignedIn, info: RequestInfo) {
    const { id: accountId } = signedIn.account
    if (form.has('others')) await sessions.endOthers(accountId, signedIn.id)
    else await sessions.end(accountId, form.one('id') ?? '')
    record('session_revoked', signedIn, info, {})
    return seeOther('/profile?done=session')
  }

  async function page(signedIn: SignedIn, more: Pick<ProfileView, 'problem' | 'done' | 'made'>, status = 200) {
    const { account, id: current } = signedIn
    const provider = providerOf(web, signedIn)
    const tokenUsername = web.logins.get(signedIn.ownerMode)?.tokenUsername?.(account.username)
    const view: ProfileView = {
      brand,
      account,
      current,
      now: clock.wallMs(),
      command: dockerLogin(web.registryHost ?? new URL(web.origin).host, tokenUsername ?? account.username),
      commandTakes: tokenUsername === undefined ? 'password' : 'token',
      sessions: await sessions.list(account.id),
      ...(secrets && { secrets: await secrets.list(account.id), canMakeSecrets: canHaveSecrets(signedIn) }),
      ...(provider !== undefined && { provider }),
      ...more,
    }
    return pageResponse(profilePage(view), { status })
  }

  function record(outcome: string, { account }: SignedIn, info: RequestInfo, details: Record<string, string>): void {
    const { source, requestId } = info
    const { id: accountId, username: name } = account
    recordSafely(audit, clock, { type: 'administration', outcome, accountId, name, source, requestId, details })
  }
}

const toSignIn = (): Response => seeOther('/login?next=%2Fprofile')

/** Errors whose message says to a person what to do. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && (error.code === 'ERR_CONFLICT' || error.code === 'ERR_INVALID_INPUT')

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
