import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Call, ExternalLogin, Route } from '@lockkeeper/core'
import type { HttpAuthSettings } from './options.ts'
import type { Reviews } from './reviews.ts'

/** The endpoint ends what takes too long by itself. */
const call: Call = { signal: new AbortController().signal }

/**
 * The login in a browser: the proxy's page signs people in and sends them back to `redirect_uri` with `token` added.
 *
 * `redirect_uri` carries a value that this browser alone can bring back, so nobody is signed in by a link of somebody else.
 */
export function browserLogin(
  { mode, endpoint, tokenPrefix }: Pick<HttpAuthSettings, 'mode' | 'endpoint' | 'tokenPrefix'>,
  { url, name }: NonNullable<HttpAuthSettings['browserLogin']>,
  reviews: Reviews,
): ExternalLogin {
  return {
    mode,
    name: name ?? new URL(url).host,
    onboarding: 'automatic',
    ...(endpoint === undefined && { tokenUsername: (username: string) => `${tokenPrefix}${username}` }),
    async start({ callbackUrl }) {
      const state = randomBytes(32).toString('base64url')
      const back = new URL(callbackUrl)
      back.searchParams.set('state', state)
      const redirectTo = new URL(url)
      redirectTo.searchParams.set('redirect_uri', back.href)
      redirectTo.searchParams.set('state', state)
      return { redirectTo, pending: { state } }
    },
    async finish({ searchParams }, { state = '' }) {
      const [returned = '', ...others] = searchParams.getAll('state')
      if (state === '' || others.length > 0 || !isEqual(returned, state)) return refused('wrong_state')
      const [token, ...more] = searchParams.getAll('token')
      if (token === undefined || more.length > 0) return refused('no_token')
      const identity = await reviews.identityOf(token, call)
      if (identity === undefined) return refused('token_refused')
      const { issuer, subject } = identity
      return { outcome: 'authenticated', identity, grant: { issuer, subject } }
    },
  }
}

const refused = (reason: string) => ({ outcome: 'rejected', reason }) as const

function isEqual(one: string, another: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(another)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Where Harbor takes people whom a proxy sends with a token of its own accord. */
const HARBOR_PATH = '/c/authproxy/redirect'

/**
 * Takes people whom the proxy sends of its own accord, as it does with Harbor. Whoever made that link is unknown, so its
 * token signs nobody in: the browser begins at the beginning, which costs somebody who is signed in at the proxy no click.
 */
export function redirectRoute(mode: string): Route {
  return {
    method: 'GET',
    path: HARBOR_PATH,
    async handle(_, { url }) {
      const [target, ...others] = url.searchParams.getAll('postURI')
      const next = target === undefined || others.length > 0 ? '' : `?${new URLSearchParams({ next: target })}`
      return new Response(null, { status: 303, headers: { Location: `/auth/${mode}/start${next}` } })
    },
  }
}
