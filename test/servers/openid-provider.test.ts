import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.ts'

let provider: OpenIdProvider

beforeAll(async () => {
  provider = await startOpenIdProvider()
})
afterAll(() => provider.stop())

const authorization = (more: Record<string, string> = {}) => {
  const url = new URL('/auth', provider.issuer)
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  url.search = new URLSearchParams({
    client_id: provider.client.id,
    redirect_uri: 'http://127.0.0.1:8080/auth/oidc_auth/callback',
    response_type: 'code',
    scope: 'openid offline_access',
    prompt: 'consent',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  }).toString()
  return url
}

const token = (form: Record<string, string>) =>
  fetch(`${provider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${provider.client.id}:${provider.client.secret}`)}` },
    body: new URLSearchParams(form),
  })

const redeem = async () => {
  const back = await provider.walk(authorization())
  const answer = await token({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: 'http://127.0.0.1:8080/auth/oidc_auth/callback',
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  })
  return (await answer.json()) as { readonly refresh_token: string }
}

it('sends whoever signs in back with a code', async () => {
  const back = await provider.walk(authorization({ state: 'x' }))
  expect(back.pathname).toBe('/auth/oidc_auth/callback')
  expect(back.searchParams.get('code')).not.toBeNull()
  expect(back.searchParams.get('state')).toBe('x')
})

it('insists on PKCE', async () => {
  const url = authorization()
  url.searchParams.delete('code_challenge')
  expect((await provider.walk(url)).searchParams.get('error')).toBe('invalid_request')
})

it('ends all tokens of a grant when a refresh token is used twice', async () => {
  const first = await redeem()
  const second = await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token })
  const { refresh_token } = (await second.json()) as { refresh_token: string }
  expect((await token({ grant_type: 'refresh_token', refresh_token: first.refresh_token })).status).toBe(400)
  expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(400)
})

it('signs with other keys after a rotation, and still knows its grants', async () => {
  const kids = async () => {
    const answer = await fetch(`${provider.issuer}/jwks`)
    return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }
  const { refresh_token } = await redeem()
  const before = await kids()
  await provider.rotateKeys()
  expect(await kids()).not.toEqual(before)
  expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(200)
})

it('counts what it is asked, hangs while it is paused, and can be stopped and started', async () => {
  const ask = (budgetMs: number) =>
    fetch(`${provider.issuer}/jwks`, { signal: AbortSignal.timeout(budgetMs) }).then(({ status }) => status)
  provider.forget()
  expect(await ask(2000)).toBe(200)
  expect(provider.count('/jwks')).toBe(1)
  provider.pause()
  await expect(ask(100)).rejects.toThrow(/timeout/)
  provider.resume()
  await provider.stop()
  await expect(ask(2000)).rejects.toThrow('fetch failed')
  await provider.start()
  expect(await ask(2000)).toBe(200)
})

it('shows a form when nobody signs in by itself', async () => {
  provider.signIn = undefined
  await expect(provider.walk(authorization())).rejects.toThrow('Who are you?')
  provider.signIn = 'deny'
  expect((await provider.walk(authorization())).searchParams.get('error')).toBe('access_denied')
})
