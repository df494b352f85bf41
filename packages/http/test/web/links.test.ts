import { BackendUnavailableError } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { createChain } from '../../src/index.ts'
import { idTokenLink, SESSION_COOKIE, sessionLink } from '../../src/web/index.ts'
import { locationOf } from './browser.ts'
import { fakeExternalLogin, person } from './fake-external-login.ts'
import { buildWebHouse, ORIGIN } from './web-house.ts'

const APP = { kind: 'repository', project: 'library', name: 'app' } as const
const DEVELOPER = 2
const GUEST = 3
const CONNECTION = { peer: '192.0.2.7', tls: true }

/** Who a chain of both links says is asking. */
async function chainOf(house: Awaited<ReturnType<typeof buildWebHouse>>, paths?: readonly string[]) {
  const { sessions, projects, provider, accountStore, accounts, clock, audit, lockout } = house
  const sink = { record: (event: (typeof audit)[number]) => void audit.push(event) }
  const chain = createChain({
    links: [
      sessionLink({ sessions, projects, ownOrigin: ORIGIN }),
      idTokenLink({
        externalLogins: [fakeExternalLogin('oidc_auth/other'), provider],
        accountStore,
        accounts,
        projects,
        clock,
        audit: sink,
        ...(paths && { paths }),
      }),
    ],
    clock,
    audit: sink,
    lockout,
    sessionCookie: SESSION_COOKIE,
  })
  const identify = async (path: string, init: RequestInit) => {
    const url = new URL(path, ORIGIN)
    const info = { requestId: 'r', url, path: url.pathname, source: '192.0.2.7', connection: CONNECTION }
    const pending = chain.identify(new Request(url, init), info, { door: 'token' })
    pending.catch(() => {})
    await clock.advance(2000)
    return pending
  }
  const who = async (path: string, init: RequestInit) => {
    const found = await identify(path, init)
    return found.outcome === 'context' ? found.context.username : found.reason
  }
  return Object.assign(who, {
    /** Whether that one may push to library/app. */
    async mayPush(init: RequestInit) {
      const found = await identify('/service/token', init)
      return found.outcome === 'context' ? found.context.can('push', APP) : found.reason
    },
  })
}

const cookie = (id: string): RequestInit => ({ headers: { cookie: `${SESSION_COOKIE}=${id}` } })
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

describe('the session link', () => {
  it('knows who is signed in, and refuses every other cookie', async () => {
    const house = await buildWebHouse()
    const id = (await house.annsBrowser()).cookies.get(SESSION_COOKIE) ?? ''
    const who = await chainOf(house)
    expect(await who('/api/x', cookie(id))).toBe('ann')
    expect(await who('/api/x', cookie('A'.repeat(43)))).toBe('session_unknown')
    expect(await who('/api/x', cookie('nonsense'))).toBe('session_unknown')
    await house.accountStore.setDisabled(house.ann.id, true)
    expect(await who('/api/x', cookie(id))).toBe('session_unknown')
  })

  it('SES-03: asks for the roles in a project with each request, so that a change takes effect at once', async () => {
    const house = await buildWebHouse()
    const hers = cookie((await house.annsBrowser()).cookies.get(SESSION_COOKIE) ?? '')
    const { projects, ann } = house
    const library = await projects.create({ name: 'library', isPublic: true, ownerId: house.bob.id })
    const { mayPush } = await chainOf(house)
    expect(await mayPush(hers)).toBe(false)
    await projects.setMember(library, { kind: 'user', id: ann.id }, DEVELOPER)
    expect(await mayPush(hers)).toBe(true)
    await projects.setMember(library, { kind: 'user', id: ann.id }, GUEST)
    expect(await mayPush(hers)).toBe(false)
    await projects.setMember(library, { kind: 'user', id: ann.id }, DEVELOPER)
    await projects.removeMember(library, { kind: 'user', id: ann.id })
    expect(await mayPush(hers)).toBe(false)
  })

  it('SES-03: ends a session whose owner became an administrator, or is one no longer', async () => {
    const house = await buildWebHouse()
    const { mayPush } = await chainOf(house)
    await house.projects.create({ name: 'library', isPublic: false, ownerId: house.bob.id })
    for (const isAdmin of [true, false]) {
      const hers = cookie((await house.annsBrowser()).cookies.get(SESSION_COOKIE) ?? '')
      expect(await mayPush(hers)).toBe(!isAdmin)
      await house.accountStore.setAdmin(house.ann.id, isAdmin)
      expect(await mayPush(hers)).toBe('session_unknown')
    }
  })

  it('keeps the groups that a provider named at the login until the session ends, in roles that change at once', async () => {
    const house = await buildWebHouse()
    const { provider, projects, accountStore } = house
    provider.person = person('jane', { groups: [{ key: 'dev' }] })
    const browser = house.browser()
    await browser.get(await house.callbackFor(browser))
    const hers = cookie(browser.cookies.get(SESSION_COOKIE) ?? '')
    const library = await projects.create({ name: 'library', isPublic: true, ownerId: house.bob.id })
    const [id = 0] = await accountStore.groupIds('oidc_auth', [{ key: 'dev' }])
    const { mayPush } = await chainOf(house)
    await projects.setMember(library, { kind: 'group', id }, DEVELOPER)
    provider.person = person('jane', { groups: [] })
    expect(await mayPush(hers)).toBe(true)
    await projects.removeMember(library, { kind: 'group', id })
    expect(await mayPush(hers)).toBe(false)
    await projects.setMember(library, { kind: 'group', id }, DEVELOPER)
    await browser.get(await house.callbackFor(browser))
    expect(await mayPush(cookie(browser.cookies.get(SESSION_COOKIE) ?? ''))).toBe(false)
  })

  it('SES-04: refuses a change that another site asks for', async () => {
    const house = await buildWebHouse()
    const id = (await house.annsBrowser()).cookies.get(SESSION_COOKIE) ?? ''
    const who = await chainOf(house)
    const post = (headers: Record<string, string>): RequestInit => ({
      method: 'POST',
      headers: { cookie: `${SESSION_COOKIE}=${id}`, ...headers },
    })
    expect(await who('/api/x', post({ 'sec-fetch-site': 'cross-site' }))).toBe('foreign_origin')
    expect(await who('/api/x', post({}))).toBe('foreign_origin')
    expect(await who('/api/x', post({ 'sec-fetch-site': 'same-origin' }))).toBe('ann')
  })

  it('cannot tell when the store cannot', async () => {
    const house = await buildWebHouse()
    house.sessionStore.get = async () => {
      throw new BackendUnavailableError('sessions', 'does not answer')
    }
    const who = await chainOf(house)
    await expect(who('/api/x', cookie('A'.repeat(43)))).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
  })
})

describe('the ID token link', () => {
  it('VER-08: knows people by an ID token on the listed paths alone', async () => {
    const house = await buildWebHouse()
    const hers = house.browser()
    await hers.get(await house.callbackFor(hers))
    const who = await chainOf(house)
    expect(await who('/service/token', bearer('oidc_auth.good'))).toBe('jane')
    for (const path of ['/service/token/', '/service/tokens', '/v2/', '/profile', '/']) {
      expect([path, await who(path, bearer('oidc_auth.good'))]).toEqual([path, 'bearer_not_accepted'])
    }
    const wider = await chainOf(house, ['/api/*'])
    expect(await wider('/api/v2/projects', bearer('oidc_auth.good'))).toBe('jane')
    expect(await wider('/apis', bearer('oidc_auth.good'))).toBe('bearer_not_accepted')
    expect(await wider('/service/token', bearer('oidc_auth.good'))).toBe('bearer_not_accepted')
  })

  it('refuses what its provider refuses, and leaves alone what is no provider’s', async () => {
    const house = await buildWebHouse()
    const who = await chainOf(house)
    expect(await who('/service/token', bearer('oidc_auth.bad'))).toBe('expired')
    expect(await who('/service/token', bearer('something.else'))).toBe('bearer_not_accepted')
  })

  it('makes no account: who has none signs in with a browser first', async () => {
    const house = await buildWebHouse()
    const who = await chainOf(house)
    expect(await who('/service/token', bearer('oidc_auth.good'))).toBe('unknown_name')
    expect(await house.accountStore.findByLink(person('jane'))).toBeUndefined()
  })

  it('refuses who is disabled', async () => {
    const house = await buildWebHouse()
    const hers = house.browser()
    await hers.get(await house.callbackFor(hers))
    const who = await chainOf(house)
    await house.accountStore.setDisabled((await house.accountStore.findByLink(person('jane')))?.id ?? 0, true)
    expect(await who('/service/token', bearer('oidc_auth.good'))).toBe('disabled')
  })
})

describe('VER-08: kinds of credentials', () => {
  it('cannot be exchanged: a session is no Bearer token, an ID token no session, a secret neither', async () => {
    const house = await buildWebHouse()
    const hers = house.browser()
    await hers.get(await house.callbackFor(hers))
    const id = hers.cookies.get(SESSION_COOKIE) ?? ''
    const made = await (await hers.post('/profile/secrets', { name: 'x', days: '' })).text()
    const secret = /lkcli_\w+/.exec(made)?.[0] ?? ''
    const who = await chainOf(house)
    expect(await who('/service/token', bearer(id))).toBe('bearer_not_accepted')
    expect(await who('/service/token', bearer(secret))).toBe('bearer_not_accepted')
    for (const value of ['oidc_auth.good', secret]) {
      expect(await who('/service/token', cookie(value))).toBe('session_unknown')
      const thief = house.browser()
      thief.cookies.set(SESSION_COOKIE, value)
      expect(locationOf(await thief.get('/profile'))).toBe('/login?next=%2Fprofile')
    }
  })
})
