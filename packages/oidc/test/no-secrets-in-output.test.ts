import { inspect } from 'node:util'
import { type OidcAuth, type OidcEvent, oidcAuth } from '@lockkeeper/oidc'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { CALLBACK } from './house.ts'
import { type Answer, discoveryOf, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts'

const CANARIES = {
  clientSecret: 'canary-client-secret-7f3a',
  code: 'canary-code-91bd',
  accessToken: 'canary-access-token-22c8',
  refreshToken: 'canary-refresh-token-5e10',
  idToken: 'canary-id-token.aaaa.bbbb',
}
let provider: ScriptedProvider
let oidc: OidcAuth
const events: OidcEvent[] = []

beforeAll(async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  provider = await startScriptedProvider()
  oidc = oidcAuth(
    {
      issuer: provider.issuer,
      clientId: 'lockkeeper',
      clientSecret: CANARIES.clientSecret,
      insecureAllowPlaintext: true,
    },
    { onEvent: (event) => events.push(event) },
  )
})
afterAll(() => provider.stop())

/** Everything a log could show of a value, causes and hidden members included, in the spellings a secret hides in. */
const shows = (value: unknown, secret: string): boolean => {
  const text = inspect(value, { depth: 20, showHidden: true, maxStringLength: null }) + String(value)
  const spellings = [secret, Buffer.from(secret).toString('base64').slice(0, -4), Buffer.from(secret).toString('hex')]
  return [...spellings, encodeURIComponent(secret), [...secret].reverse().join('')].some((each) => text.includes(each))
}

const tokens = {
  access_token: CANARIES.accessToken,
  refresh_token: CANARIES.refreshToken,
  id_token: CANARIES.idToken,
}
const ANSWERS: readonly [string, Answer][] = [
  ['tokens with a bad ID token', { body: { ...tokens, token_type: 'Bearer' } }],
  ['tokens of an unknown type', { body: { ...tokens, token_type: 'mac' } }],
  ['tokens in a broken answer', { body: JSON.stringify(tokens).slice(0, -1) }],
  ['tokens of wrong types', { body: { ...tokens, access_token: [CANARIES.accessToken] } }],
  [
    'an error that quotes them',
    { status: 400, body: { error: 'invalid_request', error_description: JSON.stringify(CANARIES) } },
  ],
  ['an error named like one', { status: 400, body: { error: CANARIES.refreshToken } }],
  ['a challenge that quotes them', { status: 401, headers: { 'www-authenticate': `Basic realm="${CANARIES.code}"` } }],
  ['a page that quotes them', { status: 502, body: JSON.stringify(CANARIES) }],
]

it.each(ANSWERS)(
  'OBS-01: whatever the provider answers (%s), no secret is in an error or an event',
  async (_what, answer) => {
    provider.routes.set('/token', () => answer)
    const { redirectTo, pending } = await oidc.externalLogin.start({ callbackUrl: CALLBACK })
    const back = new URL(CALLBACK)
    const state = redirectTo.searchParams.get('state') ?? ''
    back.search = new URLSearchParams({ code: CANARIES.code, state, iss: provider.issuer }).toString()
    const grant = { issuer: provider.issuer, subject: 'jane-1', refreshToken: CANARIES.refreshToken }
    const heard: unknown[] = []
    const hear = (value: unknown) => heard.push(value)
    await oidc.externalLogin.finish(back, pending).then(hear, hear)
    await oidc.externalLogin.refresh(grant).then((refreshed) => {
      // The new grant is for the store; nothing else may show a token.
      const { grant: _grant, ...rest } = { grant: undefined, ...refreshed }
      hear(rest)
    }, hear)

    expect(heard).toHaveLength(2)
    for (const secret of [...Object.values(CANARIES), pending.verifier ?? '', pending.nonce ?? '']) {
      expect(shows([heard, events], secret)).toBe(false)
    }
  },
)

it('OBS-01: neither does a discovery document that quotes one', async () => {
  const fresh = oidcAuth({ issuer: provider.issuer, clientId: 'x', insecureAllowPlaintext: true }).externalLogin
  const body = { ...discoveryOf(provider.issuer), token_endpoint: `not a URL ${CANARIES.accessToken}` }
  provider.routes.set('/.well-known/openid-configuration', () => ({ body }))
  const error = await fresh.start({ callbackUrl: CALLBACK }).catch((thrown: unknown) => thrown)
  expect(String(error)).toContain('token_endpoint')
  expect(shows(error, CANARIES.accessToken)).toBe(false)
})

it('notices a secret that is shown', () => {
  const error = new Error('x', { cause: { body: { token: CANARIES.accessToken } } })
  expect(shows({ error }, CANARIES.accessToken)).toBe(true)
  expect(shows(btoa(`user:${CANARIES.accessToken}`), CANARIES.clientSecret)).toBe(false)
})
