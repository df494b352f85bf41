import type { BackendUnavailableError, ExternalLogin, Identity } from '@lockkeeper/core'

/** A provider in memory: whoever is `person` signs in there. */
export interface FakeExternalLogin extends ExternalLogin {
  person: Identity
  onboarding: 'automatic' | 'ask'
  /** Why it refuses, if it does. */
  refuses: string | undefined
  down: BackendUnavailableError | undefined
  /** What `finish` was called with. */
  readonly finished: { readonly callback: URL; readonly pending: Readonly<Record<string, string>> }[]
}

export const ISSUER = 'https://provider.test'

/** Somebody a provider vouches for. */
export const person = (username: string, more: Partial<Identity> = {}): Identity => ({
  mode: 'oidc_auth',
  issuer: ISSUER,
  subject: `sub-${username}`,
  username,
  groups: [],
  ...more,
})

/** Makes a provider that signs jane in. */
export function fakeExternalLogin(mode = 'oidc_auth', name = 'Example'): FakeExternalLogin {
  let lastState = 0
  const login: FakeExternalLogin = {
    mode,
    name,
    person: person('jane', { mode }),
    onboarding: 'automatic',
    refuses: undefined,
    down: undefined,
    finished: [],
    async start({ callbackUrl }) {
      if (login.down) throw login.down
      lastState++
      const redirectTo = new URL('/authorize', ISSUER)
      redirectTo.searchParams.set('state', `state-${lastState}`)
      redirectTo.searchParams.set('redirect_uri', callbackUrl.href)
      return { redirectTo, pending: { state: `state-${lastState}`, nonce: 'n' } }
    },
    async finish(callback, pending) {
      login.finished.push({ callback, pending })
      if (login.down) throw login.down
      if (login.refuses !== undefined) return { outcome: 'rejected', reason: login.refuses }
      const { person: identity } = login
      const grant = { issuer: ISSUER, subject: identity.subject, session: 'sid-1', refreshToken: 'refresh-token-1' }
      return { outcome: 'authenticated', identity, grant }
    },
    async refresh(grant) {
      return { outcome: 'authenticated', identity: login.person, grant }
    },
    async verifyToken(token) {
      if (!token.startsWith(`${mode}.`)) return { outcome: 'abstained' }
      if (token !== `${mode}.good`) return { outcome: 'rejected', reason: 'expired' }
      return { outcome: 'authenticated', identity: login.person }
    },
    async endSession({ subject }, { returnTo } = {}) {
      const url = new URL('/logout', ISSUER)
      url.searchParams.set('subject', subject)
      if (returnTo) url.searchParams.set('post_logout_redirect_uri', returnTo.href)
      return url
    },
    async readLogoutToken(body) {
      if (body === 'logout_token=bad') return { outcome: 'rejected', reason: 'token_signature' }
      return { outcome: 'signed_out', issuer: ISSUER, ...JSON.parse(body) }
    },
  }
  return login
}
