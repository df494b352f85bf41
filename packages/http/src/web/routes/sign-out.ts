import type { Grant } from '@lockkeeper/core'
import { recordSafely } from '../../audit-record.ts'
import type { Route } from '../../route.ts'
import { noCookie, SESSION_COOKIE } from '../cookies.ts'
import { pageResponse, seeOther } from '../page-response.ts'
import { messagePage } from '../pages/message-page.ts'
import { signOutPage } from '../pages/sign-out-page.ts'
import type { SignedIn } from '../sessions.ts'
import type { Web } from '../web.ts'

/** The provider that a session came from, where people can sign out there as well. */
export function providerOf({ logins }: Web, { record }: SignedIn): string | undefined {
  const login = record.provider && logins.get(record.mode)
  return login?.endSession ? login.name : undefined
}

/** Signing out: a page that asks, and the form that does it. */
export function signOutRoutes(web: Web): readonly Route[] {
  const { brand, sessions, logins, audit, clock } = web

  const show: Route = {
    method: 'GET',
    path: '/logout',
    async handle(request) {
      const signedIn = await web.signedIn(request)
      if (!signedIn) return pageResponse(signedOutPage())
      const provider = providerOf(web, signedIn)
      const { username } = signedIn.account
      return pageResponse(signOutPage({ brand, username, ...(provider !== undefined && { provider }) }))
    },
  }
  const leave: Route = {
    method: 'POST',
    path: '/logout',
    async handle(request, { source, requestId }) {
      const form = await web.form(request)
      const signedIn = await web.signedIn(request)
      const cookies = [noCookie(SESSION_COOKIE)]
      if (!signedIn) return seeOther('/logout', cookies)
      const { account, id } = signedIn
      await sessions.end(account.id, id)
      const { id: accountId, username: name } = account
      recordSafely(audit, clock, { type: 'login', outcome: 'signed_out', accountId, name, source, requestId })
      const page = form.has('provider') ? await providersPage(signedIn) : undefined
      if (page === undefined) return seeOther('/logout', cookies)
      // A redirect would count as sending the form to the provider, which the policy of our pages forbids.
      return pageResponse(page.html, { cookies, headers: { Refresh: `0; url=${page.href}` } })
    },
  }
  return [show, leave]

  async function providersPage(signedIn: SignedIn) {
    const login = logins.get(signedIn.record.mode)
    const grant = await grantOf(signedIn)
    const url = grant && (await login?.endSession?.(grant, { returnTo: web.url('/logout') }))
    if (!login || !url) return undefined
    const text = `You are signed out here. Your browser goes on to ${login.name}, to sign out there as well.`
    const link = { href: url.href, text: `Go on to ${login.name}` }
    return { href: url.href, html: messagePage({ brand, title: 'Signing out', text, link }) }
  }

  async function grantOf({ account, record: { provider } }: SignedIn): Promise<Grant | undefined> {
    if (provider?.subject === undefined) return undefined
    const { issuer, subject } = provider
    // Signing out goes on without the tokens; some providers then ask before they sign out.
    const kept = await web.grants?.read(account.id).catch(() => undefined)
    return kept?.grant.issuer === issuer && kept.grant.subject === subject ? kept.grant : { issuer, subject }
  }

  function signedOutPage() {
    const text = 'You are signed out. Your secrets for the command line go on working.'
    return messagePage({ brand, title: 'Signed out', text, link: { href: '/login', text: 'Sign in again' } })
  }
}
