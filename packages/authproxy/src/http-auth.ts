import { randomBytes } from 'node:crypto'
import { type Authenticator, abstained, type Call, type Clock, canonicalName, systemClock } from '@lockkeeper/core'
import { browserLogin, redirectRoute } from './browser-login.ts'
import { createEndpoint } from './endpoint.ts'
import { identityReader } from './identity.ts'
import { type HttpAuthOptions, type HttpAuthSettings, parseHttpAuthOptions } from './options.ts'
import { type Reviews, tokenReviews } from './reviews.ts'
import { logInByPassword } from './session-login.ts'
import { tokenLink } from './token-link.ts'
import { trustedHeadersLink } from './trusted-headers.ts'

/** Auth mode `http_auth`: connections to close are its own. */
export type HttpAuthenticator = Authenticator & AsyncDisposable

/**
 * Authenticates people of a proxy that knows them: by passwords that it takes, by tokens that it reviews, in a browser
 * that it signs in, and by headers that it sets.
 *
 * The proxy cannot be asked whether it knows a name, so with an `endpoint` for passwords this mode claims every name and is
 * asked last. Tokens are dropped as soon as the login that they were for has ended.
 *
 * @param options Checked here, files read here; nothing is connected before the first question.
 * @returns An authenticator for mode `http_auth`, or `http_auth/<instance>`. Dispose of it to close its connections.
 * @throws {ConfigurationError} with every problem found.
 */
export function httpAuth(options: HttpAuthOptions, given: { readonly clock?: Clock } = {}): HttpAuthenticator {
  const settings = parseHttpAuthOptions(options)
  const { mode, endpoint, tokenReview, trustedHeaders, assumeFound } = settings
  const clock = given.clock ?? systemClock
  const toIdentity = identityReader(settings)
  const reviews = tokenReview && tokenReviews(createEndpoint(tokenReview.url, settings, clock), tokenReview, toIdentity)
  const passwords =
    endpoint === undefined || reviews === undefined ? undefined : createEndpoint(endpoint, settings, clock)

  return {
    mode,
    ...(passwords && { claimsEveryName: true }),
    lookUp: async ({ typed: username }) => ({
      verify: async (password, call) =>
        passwords && reviews ? logInByPassword({ passwords, reviews }, { username, password }, call) : abstained,
    }),
    ...(assumeFound && {
      searchUser: async (username: string) =>
        canonicalName(username) === undefined ? undefined : toIdentity({ username, groups: [] }),
      searchGroup: async (key: string) => (key.trim() === '' ? undefined : { key, name: key }),
    }),
    ...(reviews && { ping: (call: Call) => pingByReview(reviews, call), ...inBrowser(settings, reviews) }),
    links: (server) => [
      ...(trustedHeaders ? [trustedHeadersLink(settings, trustedHeaders, toIdentity, server)] : []),
      ...(reviews ? [tokenLink(settings, reviews, server)] : []),
    ],
    async [Symbol.asyncDispose]() {
      reviews?.close()
      passwords?.close()
    },
  }
}

function inBrowser(settings: HttpAuthSettings, reviews: Reviews): Pick<Authenticator, 'externalLogin' | 'routes'> {
  const { mode, instance, browserLogin: page } = settings
  if (page === undefined) return {}
  return {
    externalLogin: browserLogin(settings, page, reviews),
    // The path has no room for an instance.
    ...(instance === undefined && { routes: () => [redirectRoute(mode)] }),
  }
}

/** A token that nobody has is refused by an endpoint that works. */
async function pingByReview(reviews: Reviews, call: Call): Promise<void> {
  await reviews.identityOf(randomBytes(16).toString('hex'), call)
}
