import type { Route } from '../route.ts'
import { withErrorPages } from './page-errors.ts'
import { backChannelLogoutRoute } from './routes/back-channel-logout.ts'
import { externalLoginRoutes } from './routes/external-login.ts'
import { nowhereRoute } from './routes/nowhere.ts'
import { profileRoutes } from './routes/profile.ts'
import { signInRoutes } from './routes/sign-in.ts'
import { signOutRoutes } from './routes/sign-out.ts'
import { welcomeRoutes } from './routes/welcome.ts'
import { staticFiles } from './static-files.ts'
import { createWeb } from './web.ts'
import type { WebParts } from './web-parts.ts'

/**
 * Makes the routes of all pages: sign-in, the way to each provider and back, choosing a user name, profile, signing out.
 * Mount them beside the others in the routes of `createHandler`; what none of them claims gets a page, too.
 *
 * @throws {ConfigurationError} when pages cannot be served at the external URL, or two logins have one mode.
 */
export function webRoutes(parts: WebParts): readonly Route[] {
  const web = createWeb(parts)
  const logins = [...web.logins.values()]
  const pages = [
    ...signInRoutes(web),
    ...logins.flatMap((login) => externalLoginRoutes(web, login)),
    ...(logins.length > 0 ? welcomeRoutes(web) : []),
    ...profileRoutes(web),
    ...signOutRoutes(web),
  ]
  return [
    ...pages.map((route) => withErrorPages(route, web)),
    ...logins.flatMap((login) => backChannelLogoutRoute(web, login)),
    ...staticFiles(),
    nowhereRoute(web),
  ]
}
