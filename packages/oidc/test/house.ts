import type { External } from '@lockkeeper/core'
import { type OidcAuth, type OidcAuthOptions, type OidcEvent, oidcAuth } from '@lockkeeper/oidc'
import { type FakeClock, fakeClock } from '@lockkeeper/testing'
import { vi } from 'vitest'
import { makeKey, type ScriptedKey, type ScriptedProvider, sign, startScriptedProvider } from './scripted-provider.ts'

/** The provider's usual key; making one takes longer than a login. */
const usualKey = makeKey('RS256', 'key-1')

/** Where the browser comes back to. */
export const CALLBACK = new URL('http://127.0.0.1:8080/auth/oidc_auth/callback')
export const ACCESS_TOKEN = 'access-token-1'

/** What a test changes about an otherwise right login. */
export interface Change {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: { readonly alg?: string; readonly kid?: string | undefined; readonly typ?: string }
  readonly key?: ScriptedKey
  /** Changes the ID token after it was signed. */
  readonly token?: (token: string) => string | undefined
  /** Changes what the browser brings back. */
  readonly callback?: (url: URL) => void
  readonly pending?: Readonly<Record<string, string>>
}

/** A scripted provider with a client of it. */
export interface House {
  readonly provider: ScriptedProvider
  readonly oidc: OidcAuth
  readonly clock: FakeClock
  readonly key: ScriptedKey
  readonly events: OidcEvent[]
  /** Claims of a right ID token at this moment. */
  claims(): Record<string, unknown>
  idToken(change?: Change): Promise<string>
  /** Sends the browser back from the provider with tokens that are right but for what is changed. */
  signInAt(redirectTo: URL, change?: Change): Promise<URL>
  /** A whole login, right but for what is changed. */
  login(change?: Change): Promise<External>
}

/** Builds the house. */
export async function makeHouse(options: Partial<OidcAuthOptions> = {}): Promise<House> {
  // Of plain HTTP, which is what a test has.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const provider = await startScriptedProvider()
  const clock = fakeClock({ wallMs: Date.UTC(2026, 5, 1) })
  const key = await usualKey
  const events: OidcEvent[] = []
  const oidc = oidcAuth(
    {
      issuer: provider.issuer,
      clientId: 'lockkeeper',
      clientSecret: 'client-secret',
      groupsClaim: 'groups',
      insecureAllowPlaintext: true,
      ...options,
    },
    { clock, onEvent: (event) => events.push(event) },
  )
  provider.routes.set('/jwks', () => ({ body: { keys: [key.jwk] } }))
  provider.routes.set('/userinfo', () => ({ body: { sub: 'jane-1' } }))

  const claims = () => {
    const now = Math.floor(clock.wallMs() / 1000)
    const person = { sub: 'jane-1', preferred_username: 'jane', groups: ['dev'] }
    return { iss: provider.issuer, aud: 'lockkeeper', iat: now, exp: now + 300, ...person }
  }
  const idToken = async (change: Change = {}) => {
    const changed = without({ ...claims(), ...change.claims })
    const header = without({ alg: 'RS256', kid: 'key-1', ...change.header }) as { alg: string }
    return sign(changed, header, change.key ?? key)
  }

  const signInAt = async (redirectTo: URL, change: Change = {}) => {
    const asked = redirectTo.searchParams
    const signed = await idToken({ ...change, claims: { nonce: asked.get('nonce'), ...change.claims } })
    const id_token = change.token === undefined ? signed : change.token(signed)
    const tokens = { access_token: ACCESS_TOKEN, token_type: 'Bearer', expires_in: 60, refresh_token: 'refresh-1' }
    provider.routes.set('/token', () => ({ body: { ...tokens, id_token } }))
    const back = new URL(asked.get('redirect_uri') ?? '')
    const state = asked.get('state') ?? ''
    back.search = new URLSearchParams({ code: 'code-1', state, iss: provider.issuer }).toString()
    change.callback?.(back)
    return back
  }

  return {
    provider,
    oidc,
    clock,
    key,
    events,
    claims,
    idToken,
    signInAt,
    async login(change = {}) {
      const { redirectTo, pending } = await oidc.externalLogin.start({ callbackUrl: CALLBACK })
      return oidc.externalLogin.finish(await signInAt(redirectTo, change), { ...pending, ...change.pending })
    },
  }
}

/** Members that a test sets to `undefined` are left out. */
const without = (object: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
