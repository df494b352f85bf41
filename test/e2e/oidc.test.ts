import { oidcAuth } from '@lockkeeper/oidc'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { freePort } from '../servers/free-port.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../servers/openid-provider.ts'
import { requires } from '../servers/requirements.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { clientsOf } from './clients.ts'
import { type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const need = requires('docker')

describe('people of an OpenID provider', () => {
  let provider: OpenIdProvider
  let lockkeeper: LockkeeperServer

  beforeAll(async () => {
    const port = await freePort()
    provider = await startOpenIdProvider({
      redirectUris: [`http://localhost:${port}/auth/oidc_auth/callback`],
      accessTokenSeconds: 3600,
    })
    const auth = {
      modes: ['db_auth', 'oidc_auth'],
      oidc_auth: {
        issuer: provider.issuer,
        clientId: provider.client.id,
        clientSecret: provider.client.secret,
        scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
        extraParameters: { prompt: 'consent' },
        groupsClaim: 'groups',
        insecureAllowPlaintext: true,
      },
    }
    lockkeeper = await startLockkeeper(`auth: ${JSON.stringify(auth)}\n`, '/readyz', port)
    expect(await lockkeeper.run(['check-config'])).toMatchObject({ code: 0 })
  }, 120_000)
  afterAll(async () => {
    vi.restoreAllMocks()
    await lockkeeper?.stop()
    await provider?.stop()
  })

  const jar = new Map<string, string>()
  /** As a browser does: keeps cookies, sends where a form came from, follows nothing by itself. */
  async function browse(path: string, form?: Record<string, string>): Promise<Response> {
    const answer = await fetch(new URL(path, lockkeeper.url), {
      redirect: 'manual',
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { origin: lockkeeper.url, 'sec-fetch-site': 'same-origin' }),
      },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return answer
  }

  /** From the sign-in page to the provider and back, in a new browser. */
  async function signIn(): Promise<void> {
    jar.clear()
    expect(await (await browse('/login')).text()).toContain('/auth/oidc_auth/start')
    const start = await browse('/auth/oidc_auth/start')
    expect(start.status).toBe(303)
    const callback = await provider.walk(new URL(start.headers.get('location') ?? ''))
    const back = await browse(`${callback.pathname}${callback.search}`)
    expect([back.status, back.headers.get('location')]).toEqual([303, '/'])
    expect((await browse('/')).headers.get('location')).toBe('/profile')
  }

  async function makeSecret(name: string): Promise<string> {
    const made = await (await browse('/profile/secrets', { name, days: '90' })).text()
    const secret = /value="(lk[^"]+)"/.exec(made)?.[1] ?? ''
    expect(secret).not.toBe('')
    return secret
  }

  it.skipIf(need.skip)(
    `sign in by browser, make a CLI secret, and log in with docker until it is revoked${need.note}`,
    { timeout: 60_000 },
    async () => {
      await signIn()
      const secret = await makeSecret('laptop')
      expect(await (await browse('/profile')).text()).not.toContain(secret)

      const home = await temporaryFolder()
      const { docker } = clientsOf(home.path)
      const login = { username: 'jane', password: secret }
      expect((await docker.login(lockkeeper.host, login)).stdout).toContain('Login Succeeded')
      expect((await docker.login(lockkeeper.host, { ...login, password: `${secret}x` })).code).not.toBe(0)

      const profile = await (await browse('/profile')).text()
      const id = /name="id" value="([^"]+)"/.exec(profile)?.[1] ?? ''
      await browse('/profile/secrets/revoke', { id })
      expect((await docker.login(lockkeeper.host, login)).code).not.toBe(0)
      expect(lockkeeper.log()).not.toContain(secret)
      await home.remove()
    },
  )

  /** What the provider gives for the same client: tokens that nobody but the server should ever hold. */
  async function grantOfProvider() {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const { externalLogin } = oidcAuth({
      issuer: provider.issuer,
      clientId: provider.client.id,
      clientSecret: provider.client.secret,
      scopes: ['openid', 'profile', 'offline_access'],
      extraParameters: { prompt: 'consent' },
      insecureAllowPlaintext: true,
    })
    const callbackUrl = new URL('/auth/oidc_auth/callback', lockkeeper.url)
    const { redirectTo, pending } = await externalLogin.start({ callbackUrl })
    const login = await externalLogin.finish(await provider.walk(redirectTo), pending)
    if (login.outcome !== 'authenticated') throw new Error(login.reason)
    return login.grant
  }

  it('VER-08: each kind of credential opens its own door, and no other', { timeout: 60_000 }, async () => {
    await signIn()
    const secret = await makeSecret('matrix')
    const basic = (password: string) => `Basic ${Buffer.from(`jane:${password}`).toString('base64')}`
    const at = async (path: string, init: RequestInit) =>
      (await fetch(new URL(path, lockkeeper.url), { redirect: 'manual', ...init })).status
    const asked = await fetch(new URL('/service/token?service=registry', lockkeeper.url), {
      headers: { authorization: basic(secret) },
    })
    const { token }: { token: string } = await asked.json()
    const { idToken = '', accessToken = '', refreshToken = '' } = await grantOfProvider()
    const session = jar.get('__Host-lockkeeper') ?? ''
    const kinds = { token, secret, session, idToken, accessToken, refreshToken }
    expect(new Set(Object.values(kinds)).size).toBe(6)

    const own = { origin: lockkeeper.url, 'sec-fetch-site': 'same-origin' }
    const doors: readonly (readonly [door: string, opensTo: string, show: (value: string) => Promise<number>])[] = [
      [
        'Bearer for a token',
        'idToken',
        (value) => at('/service/token', { headers: { authorization: `Bearer ${value}` } }),
      ],
      ['Bearer at /v2/', 'token', (value) => at('/v2/', { headers: { authorization: `Bearer ${value}` } })],
      ['Basic for a token', 'secret', (value) => at('/service/token', { headers: { authorization: basic(value) } })],
      ['the cookie', 'session', (value) => at('/profile', { headers: { cookie: `__Host-lockkeeper=${value}` } })],
      [
        'the form',
        'none',
        (value) =>
          at('/login', {
            method: 'POST',
            headers: own,
            body: new URLSearchParams({ username: 'jane', password: value }),
          }),
      ],
    ]
    for (const [door, opensTo, show] of doors) {
      // The right one first: a wrong one freezes the name.
      const right = Object.entries(kinds).filter(([kind]) => kind === opensTo)
      for (const [, value] of right) expect([door, await show(value)]).toEqual([door, 200])
      const wrong = Object.entries(kinds).filter(([kind]) => kind !== opensTo)
      const refused = door === 'the cookie' ? 303 : 401
      expect([door, await Promise.all(wrong.map(([, value]) => show(value)))]).toEqual([door, wrong.map(() => refused)])
    }
  })

  it('a group of the claims gives its role in a project, until it is taken away', { timeout: 60_000 }, async () => {
    expect(await lockkeeper.run(['project', 'add', 'team'])).toMatchObject({ code: 0 })
    const group = (...words: readonly string[]) => lockkeeper.run(['member', ...words, '--group', 'oidc_auth'])
    await signIn()
    const secret = await makeSecret('roles')
    const authorization = `Basic ${Buffer.from(`jane:${secret}`).toString('base64')}`
    const actions = async () => {
      const address = `/service/token?service=registry&scope=${encodeURIComponent('repository:team/app:pull,push')}`
      const answer = await fetch(new URL(address, lockkeeper.url), { headers: { authorization } })
      const { token }: { token: string } = await answer.json()
      return decodeJwt<{ access: { actions: string[] }[] }>(token).access.flatMap((access) => access.actions)
    }
    expect(await actions()).toEqual([])
    expect(await group('add', 'team', 'dev', 'developer')).toMatchObject({ code: 0 })
    expect((await actions()).toSorted()).toEqual(['pull', 'push'])
    expect(await group('remove', 'team', 'dev')).toMatchObject({ code: 0 })
    expect(await actions()).toEqual([])
  })

  it('OID-08: goes back to the external URL, whatever Host says', async () => {
    const answer = await fetch(new URL('/auth/oidc_auth/start', `http://${lockkeeper.host}`), { redirect: 'manual' })
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.searchParams.get('redirect_uri')).toBe(`${lockkeeper.url}/auth/oidc_auth/callback`)
  })
})
