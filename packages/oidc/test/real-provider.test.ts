import { once } from 'node:events'
import { createServer } from 'node:http'
import type { External, Grant } from '@lockkeeper/core'
import { type OidcAuthOptions, oidcAuth } from '@lockkeeper/oidc'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from '../../../test/servers/openid-provider.ts'

const CALLBACK = new URL('http://127.0.0.1:8080/auth/oidc_auth/callback')
const UNAVAILABLE = { code: 'ERR_BACKEND_UNAVAILABLE' }
const notices: string[] = []
const listener = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  notices.push(body)
  response.end()
})
let provider: OpenIdProvider

beforeAll(async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const port = typeof address === 'object' ? address?.port : undefined
  provider = await startOpenIdProvider({ backchannelLogoutUri: `http://127.0.0.1:${port}/logout` })
})
afterAll(async () => {
  await provider.stop()
  listener.close()
})
beforeEach(() => {
  provider.signIn = 'jane'
  notices.length = 0
})

const client = (options: Partial<OidcAuthOptions> = {}) =>
  oidcAuth({
    issuer: provider.issuer,
    clientId: provider.client.id,
    clientSecret: provider.client.secret,
    scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    extraParameters: { prompt: 'consent' },
    groupsClaim: 'groups',
    insecureAllowPlaintext: true,
    timeoutMs: 300,
    ...options,
  }).externalLogin

type Client = ReturnType<typeof client>

async function logIn(by: Client): Promise<External> {
  const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
  return by.finish(await provider.walk(redirectTo), pending)
}

async function grantOf(by: Client): Promise<Grant> {
  const answer = await logIn(by)
  if (answer.outcome !== 'authenticated') throw new Error(answer.reason)
  return answer.grant
}

describe('with a real provider', () => {
  it('a person logs in, and is known by issuer and subject', async () => {
    expect(await logIn(client())).toMatchObject({
      outcome: 'authenticated',
      identity: {
        issuer: provider.issuer,
        subject: 'jane',
        username: 'jane',
        email: 'jane@example.com',
        displayName: 'Jane Doe',
        groups: [{ key: 'dev' }, { key: 'ops' }],
      },
      grant: { issuer: provider.issuer, subject: 'jane', session: expect.any(String), expiresAt: expect.any(Date) },
    })
  })

  it('a person who is refused there is refused here', async () => {
    provider.signIn = 'deny'
    expect(await logIn(client())).toEqual({ outcome: 'rejected', reason: 'provider_error:access_denied' })
  })

  it('OID-02: a callback that is played again is refused by the provider', async () => {
    const by = client()
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    const back = await provider.walk(redirectTo)
    expect(await by.finish(back, pending)).toMatchObject({ outcome: 'authenticated' })
    expect(await by.finish(back, pending)).toEqual({ outcome: 'rejected', reason: 'code_refused' })
  })

  it('OID-02: the callback of one login does not end another', async () => {
    const by = client()
    const [mine, theirs] = await Promise.all([by.start({ callbackUrl: CALLBACK }), by.start({ callbackUrl: CALLBACK })])
    const back = await provider.walk(theirs.redirectTo)
    expect(await by.finish(back, mine.pending)).toEqual({ outcome: 'rejected', reason: 'state_mismatch' })
    back.searchParams.set('state', mine.pending.state ?? '')
    expect(await by.finish(back, mine.pending)).toEqual({ outcome: 'rejected', reason: 'code_refused' })
  })

  it('a wrong client secret is an outage to be mended, not a refusal', async () => {
    await expect(logIn(client({ clientSecret: 'wrong' }))).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('check clientId, clientSecret'),
    })
  })
})

describe('OID-11: with a provider that rotates refresh tokens', () => {
  it('a refresh gives the groups of now and the next refresh token', async () => {
    const by = client()
    const grant = await grantOf(by)
    const before = provider.people.get('jane')
    provider.people.set('jane', { ...before, groups: ['dev'] })
    const answer = await by.refresh(grant)
    provider.people.set('jane', before ?? {})
    expect(answer).toMatchObject({ outcome: 'authenticated', identity: { groups: [{ key: 'dev' }] } })
    expect(answer).not.toMatchObject({ grant: { refreshToken: grant.refreshToken } })
  })

  it('one that is used twice ends them all', async () => {
    const by = client()
    const grant = await grantOf(by)
    const next = await by.refresh(grant)
    expect(next.outcome).toBe('authenticated')
    expect(await by.refresh(grant)).toEqual({ outcome: 'rejected', reason: 'refresh_refused' })
    expect('grant' in next && (await by.refresh(next.grant))).toEqual({
      outcome: 'rejected',
      reason: 'refresh_refused',
    })
  })

  it('who is no longer known there is refused', async () => {
    const by = client()
    const grant = await grantOf(by)
    const before = provider.people.get('jane') ?? {}
    provider.people.delete('jane')
    const answer = await by.refresh(grant)
    provider.people.set('jane', before)
    expect(answer).toEqual({ outcome: 'rejected', reason: 'refresh_refused' })
  })
})

describe('when the provider', () => {
  it('is down, nobody is refused, and logins go on when it is back', async () => {
    const by = client()
    const grant = await grantOf(by)
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    const back = await provider.walk(redirectTo)
    await provider.stop()
    await expect(by.finish(back, pending)).rejects.toMatchObject(UNAVAILABLE)
    await expect(by.refresh(grant)).rejects.toMatchObject(UNAVAILABLE)
    await expect(by.start({ callbackUrl: CALLBACK })).resolves.toBeDefined()
    await expect(client().start({ callbackUrl: CALLBACK })).rejects.toMatchObject(UNAVAILABLE)
    await provider.start()
    expect(await by.refresh(grant)).toMatchObject({ outcome: 'authenticated' })
    expect(await logIn(by)).toMatchObject({ outcome: 'authenticated' })
  })

  it('hangs, a login ends within the time that was set', async () => {
    const by = client()
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    const back = await provider.walk(redirectTo)
    provider.pause()
    const started = performance.now()
    await expect(by.finish(back, pending)).rejects.toThrow('did not answer within 300 ms')
    provider.resume()
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('OID-12: signs with new keys, who knew the old ones for a while goes on', async () => {
    const clock = { offsetMs: 0 }
    const now = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => now() + clock.offsetMs)
    const by = client()
    expect(await logIn(by)).toMatchObject({ outcome: 'authenticated' })
    await provider.rotateKeys()
    await expect(logIn(by)).rejects.toMatchObject({ ...UNAVAILABLE, retryAfterSeconds: 60 })
    clock.offsetMs = 60_000
    expect(await logIn(by)).toMatchObject({ outcome: 'authenticated' })
    vi.mocked(performance.now).mockRestore()
  })
})

describe('signing out at the provider', () => {
  it('posts a notice that names the session, and counts once', async () => {
    const by = client()
    const cookies = new Map<string, string>()
    const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
    const login = await by.finish(await provider.walk(redirectTo, cookies), pending)
    if (login.outcome !== 'authenticated') throw new Error(login.reason)

    const returnTo = new URL('http://127.0.0.1:8080/')
    const page = await by.endSession(login.grant, { returnTo })
    expect((await provider.signOut(page ?? returnTo, cookies)).href).toBe(returnTo.href)

    expect(notices).toHaveLength(1)
    const { issuer, subject, session } = login.grant
    expect(await by.readLogoutToken(notices[0] ?? '')).toEqual({ outcome: 'signed_out', issuer, subject, session })
    expect(await by.readLogoutToken(notices[0] ?? '')).toEqual({ outcome: 'rejected', reason: 'token_replayed' })
  })
})

it('VER-08: an access token, a refresh token and a sign-out notice of it are no ID tokens', async () => {
  const by = client()
  const grant = await grantOf(by)
  expect(await by.verifyToken(grant.idToken ?? '')).toMatchObject({ outcome: 'authenticated' })
  expect(await by.verifyToken(grant.accessToken ?? '')).toEqual({ outcome: 'abstained' })
  expect(await by.verifyToken(grant.refreshToken ?? '')).toEqual({ outcome: 'abstained' })
})
