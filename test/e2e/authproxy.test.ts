import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuthProxy, startAuthProxy } from '../servers/auth-proxy.ts'
import { makeCertificates } from '../servers/certificates.ts'
import { requires } from '../servers/requirements.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { clientsOf } from './clients.ts'
import { ADMIN, type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const need = requires('openssl', 'docker')
const JANE = { username: 'Jane', password: 'Grüße, 7 Zwerge', groups: ['dev'] }
const BOB = { username: 'bob', password: 'bob-password' }

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

describe.skipIf(need.skip)(`people of an authenticating proxy${need.note}`, { timeout: 60_000 }, () => {
  let folder: TemporaryFolder
  let ca: string
  let proxy: AuthProxy
  let lockkeeper: LockkeeperServer
  beforeAll(async () => {
    folder = await temporaryFolder()
    const files = await makeCertificates(folder.path)
    ca = await readFile(files.ca, 'utf8')
    const [cert, key] = [await readFile(files.certificate, 'utf8'), await readFile(files.key, 'utf8')]
    proxy = await startAuthProxy({ people: [JANE, BOB], tls: { cert, key } })
    const section = {
      endpoint: proxy.loginUrl,
      tokenReview: { url: proxy.reviewUrl() },
      browserLogin: { url: proxy.pageUrl, name: 'the proxy' },
      // Pinned: the certificate of the proxy itself.
      tls: { ca: { file: files.certificate } },
      trustedHeaders: { peers: ['127.0.0.1'], username: 'X-Remote-User', groups: 'X-Remote-Groups' },
    }
    const auth = { modes: ['db_auth', 'http_auth'], http_auth: section }
    // Each login is asked about anew.
    lockkeeper = await startLockkeeper(`lockout: { keepVerifiedSeconds: 0 }\nauth: ${JSON.stringify(auth)}\n`)
  }, 60_000)
  afterAll(async () => {
    await lockkeeper?.stop()
    await proxy?.close()
    await folder?.remove()
  })

  const clients = async () => clientsOf((await temporaryFolder()).path)
  const ask = (headers: Readonly<Record<string, string>>) =>
    fetch(`http://${lockkeeper.host}/service/token?service=registry`, { headers })
  const subjectOf = async (answer: Response): Promise<string> => {
    const { token } = (await answer.json()) as { token: string }
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub
  }

  it('docker logs in with their passwords, and not with others', async () => {
    const { docker } = await clients()
    expect((await docker.login(lockkeeper.host, JANE)).stdout).toContain('Login Succeeded')
    for (const wrong of [
      { ...JANE, password: BOB.password },
      { ...JANE, username: 'nobody' },
    ]) {
      expect((await docker.login(lockkeeper.host, wrong)).code).not.toBe(0)
    }
  })

  it('docker logs in with their tokens, each with their own', async () => {
    const { docker } = await clients()
    const withToken = (username: string, password: string) => docker.login(lockkeeper.host, { username, password })
    expect((await withToken('tokenreview$Jane', proxy.tokenOf('Jane'))).stdout).toContain('Login Succeeded')
    expect((await withToken('tokenreview$bob', proxy.tokenOf('Jane'))).code).not.toBe(0)
    expect((await withToken('tokenreview$Jane', JANE.password)).code).not.toBe(0)
    const answer = await ask({ authorization: basic('tokenreview$Jane', proxy.tokenOf('Jane')) })
    // The refusal before froze the name, and the freeze is over by its own answer.
    expect(await subjectOf(answer)).toBe('Jane')
  })

  it('APX-02: a header names people when a listed peer sends it, and nobody otherwise', async () => {
    expect(await subjectOf(await ask({ 'x-remote-user': 'carol', 'x-remote-groups': 'dev' }))).toBe('carol')
    for (const name of ['x_remote_user', 'x-remote_user', 'remote-user']) {
      expect((await ask({ [name]: 'carol' })).status).toBe(401)
    }
    const trustedHeaders = { peers: ['192.0.2.1'], username: 'X-Remote-User' }
    const section = { modes: ['db_auth', 'http_auth'], http_auth: { trustedHeaders } }
    const elsewhere = await startLockkeeper(`auth: ${JSON.stringify(section)}\n`)
    const url = `http://${elsewhere.host}/service/token?service=registry`
    const headers = { 'x-remote-user': 'admin', 'x-forwarded-for': '192.0.2.1' }
    expect((await fetch(url, { headers })).status).toBe(401)
    await elsewhere.stop()
  })

  it('a browser goes to the proxy and comes back signed in', async () => {
    const start = await visit('/auth/http_auth/start?next=/profile')
    const back = await visitProxy(start.location)
    const callback = await visit(back, start.cookies)
    expect([callback.status, callback.location]).toEqual([303, '/profile'])
    const profile = await fetch(`${lockkeeper.url}/profile`, { headers: { cookie: callback.cookies } })
    expect(await profile.text()).toContain('Jane')
    const again = await visit(back, start.cookies)
    expect(again.location).not.toBe('/profile')
  })

  it('OID-09: a link with somebody’s token signs nobody in', async () => {
    const token = proxy.tokenOf('bob')
    const link = await visit(`/c/authproxy/redirect?token=${token}&postURI=%2Fprofile`)
    expect(link).toEqual({ status: 303, location: '/auth/http_auth/start?next=%2Fprofile', cookies: '' })
    const forged = await visit(`/auth/http_auth/callback?token=${token}&state=${'x'.repeat(43)}`)
    expect(forged.location).not.toBe('/')
    expect(forged.cookies).not.toContain('__Host-lockkeeper=')
  })

  it('while the proxy is gone nobody is refused, and people of other modes come in', async () => {
    await proxy.close()
    for (const [username, password] of [
      [JANE.username, JANE.password],
      [JANE.username, 'x'],
      ['nobody', 'x'],
      ['tokenreview$Jane', 'x'],
    ] as const) {
      expect((await ask({ authorization: basic(username, password) })).status).toBe(503)
    }
    expect((await ask({ authorization: basic(ADMIN.username, ADMIN.password) })).status).toBe(200)
  })

  /** One request of a browser that follows nothing. */
  async function visit(target: string, cookies = '') {
    const url = new URL(target, lockkeeper.url)
    const answer = await fetch(url, { redirect: 'manual', headers: cookies === '' ? {} : { cookie: cookies } })
    const set = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
    return { status: answer.status, location: answer.headers.get('location') ?? '', cookies: set.join('; ') }
  }

  function visitProxy(page: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(page, { ca }, (answer) => {
        answer.resume()
        resolve(answer.headers.location ?? '')
      }).on('error', reject)
    })
  }
})
