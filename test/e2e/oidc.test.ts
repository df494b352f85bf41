import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

  it.skipIf(need.skip)(
    `sign in by browser, make a CLI secret, and log in with docker until it is revoked${need.note}`,
    { timeout: 60_000 },
    async () => {
      expect(await (await browse('/login')).text()).toContain('/auth/oidc_auth/start')
      const start = await browse('/auth/oidc_auth/start')
      expect(start.status).toBe(303)
      const callback = await provider.walk(new URL(start.headers.get('location') ?? ''))
      const back = await browse(`${callback.pathname}${callback.search}`)
      expect([back.status, back.headers.get('location')]).toEqual([303, '/'])
      expect((await browse('/')).headers.get('location')).toBe('/profile')

      const made = await (await browse('/profile/secrets', { name: 'laptop', days: '90' })).text()
      const secret = /value="(lk[^"]+)"/.exec(made)?.[1] ?? ''
      expect(secret).not.toBe('')
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

  it('OID-08: goes back to the external URL, whatever Host says', async () => {
    const answer = await fetch(new URL('/auth/oidc_auth/start', `http://${lockkeeper.host}`), { redirect: 'manual' })
    const location = new URL(answer.headers.get('location') ?? '')
    expect(location.searchParams.get('redirect_uri')).toBe(`${lockkeeper.url}/auth/oidc_auth/callback`)
  })
})
