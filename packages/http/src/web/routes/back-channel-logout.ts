import type { ExternalLogin } from '@lockkeeper/core'
import { recordSafely } from '../../audit-record.ts'
import { readText } from '../../body.ts'
import { badRequest } from '../../request-error.ts'
import type { Route } from '../../route.ts'
import type { Web } from '../web.ts'

const MAX_NOTICE_BYTES = 16 * 1024

/**
 * Where a provider posts that somebody signed out there. The notice is signed, so there is no browser to be told apart.
 *
 * @see {@link https://openid.net/specs/openid-connect-backchannel-1_0.html | OpenID Connect back-channel logout}
 */
export function backChannelLogoutRoute(web: Web, login: ExternalLogin): readonly Route[] {
  const { mode } = login
  const readNotice = login.readLogoutToken?.bind(login)
  if (readNotice === undefined) return []
  const { sessionStore, audit, clock } = web
  return [
    {
      method: 'POST',
      path: `/auth/${mode}/backchannel-logout`,
      async handle(request, { source, requestId }) {
        const notice = await readNotice(await readText(request, MAX_NOTICE_BYTES))
        const event = { type: 'login', door: 'backchannel-logout', source, requestId, mode } as const
        if (notice.outcome === 'rejected') {
          recordSafely(audit, clock, { ...event, outcome: 'rejected', reason: notice.reason })
          throw badRequest('this is not a sign-out notice of the provider', notice.reason)
        }
        const { outcome: _, ...named } = notice
        const sessions = await sessionStore.deleteByProvider(named)
        recordSafely(audit, clock, { ...event, outcome: 'signed_out', details: { sessions } })
        return new Response(null, { status: 200, headers: { 'Content-Length': '0' } })
      },
    },
  ]
}
