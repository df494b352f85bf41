import { describe, expect, it } from 'vitest'
import { SESSION_COOKIE } from '../../src/web/index.ts'
import { locationOf } from './browser.ts'
import { buildWebHouse, PASSWORD } from './web-house.ts'

const HOUR_MS = 3_600_000

describe('a session', () => {
  it('SES-01: has a new id of 256 random bits after each login, and the old one is worth nothing at once', async () => {
    const { annsBrowser } = await buildWebHouse()
    const browser = await annsBrowser()
    const thief = browser.copy()
    const first = browser.cookies.get(SESSION_COOKIE)
    await browser.post('/login', { username: 'ann', password: PASSWORD })
    const second = browser.cookies.get(SESSION_COOKIE)
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(second).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(second).not.toBe(first)
    expect(locationOf(await thief.get('/profile'))).toBe('/login?next=%2Fprofile')
    expect((await browser.get('/profile')).status).toBe(200)
  })

  it('SES-01: never takes over an id that it did not make', async () => {
    const { browser } = await buildWebHouse()
    const planted = 'A'.repeat(43)
    const victim = browser()
    victim.cookies.set(SESSION_COOKIE, planted)
    await victim.post('/login', { username: 'ann', password: PASSWORD })
    expect(victim.cookies.get(SESSION_COOKIE)).not.toBe(planted)
    const attacker = browser()
    attacker.cookies.set(SESSION_COOKIE, planted)
    expect((await attacker.get('/profile')).status).toBe(303)
  })

  it('SES-01: is not readable in the store: neither its id nor anything that opens it', async () => {
    const { annsBrowser, sessions, ann } = await buildWebHouse()
    const browser = await annsBrowser()
    const listed = await sessions.list(ann.id)
    expect(listed).toHaveLength(1)
    expect(JSON.stringify(listed)).not.toContain(browser.cookies.get(SESSION_COOKIE))
    const thief = browser.copy()
    thief.cookies.set(SESSION_COOKIE, listed[0]?.id ?? '')
    expect((await thief.get('/profile')).status).toBe(303)
  })

  it('SES-02: is in a cookie that only this host can set and no script can read', async () => {
    const { browser } = await buildWebHouse()
    const answer = await browser().post('/login', { username: 'ann', password: PASSWORD })
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-lockkeeper=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('SES-02: is in no other cookie, and those of logins under way are alike but end after ten minutes', async () => {
    const { browser, handler, provider } = await buildWebHouse()
    provider.onboarding = 'ask'
    const connection = { peer: '192.0.2.7', tls: true }
    const start = await handler(new Request('https://auth.test/auth/oidc_auth/start'), connection)
    const [begun = ''] = start.headers.getSetCookie()
    const state = new URL(start.headers.get('location') ?? '').searchParams.get('state')
    const [pair = ''] = begun.split(';')
    const callback = new Request(`https://auth.test/auth/oidc_auth/callback?code=c&state=${state}`, {
      headers: { cookie: pair },
    })
    const [ended, welcome = ''] = (await handler(callback, connection)).headers.getSetCookie()
    const cookie = (name: string, life: number) =>
      expect.stringMatching(
        new RegExp(`^__Host-${name}=[\\w-]*; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${life}$`),
      )
    expect([begun, ended, welcome]).toEqual([
      cookie('lockkeeper-login', 600),
      cookie('lockkeeper-login', 0),
      cookie('lockkeeper-welcome', 600),
    ])
    const hers = browser()
    const [name = '', value = ''] = (welcome.split(';')[0] ?? '').split('=')
    hers.cookies.set(name, value)
    const chosen = await hers.post('/welcome', { username: 'jane' })
    expect(chosen.headers.getSetCookie()).toEqual([
      cookie('lockkeeper-welcome', 0),
      expect.stringMatching(/^__Host-lockkeeper=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ])
  })

  it('SES-02: is nobody when there are two cookies of its name', async () => {
    const { annsBrowser, handler } = await buildWebHouse()
    const id = (await annsBrowser()).cookies.get(SESSION_COOKIE)
    const ask = (cookie: string) =>
      handler(new Request('https://auth.test/profile', { headers: { cookie } }), { peer: '192.0.2.7', tls: true })
    expect((await ask(`${SESSION_COOKIE}=${id}`)).status).toBe(200)
    expect((await ask(`${SESSION_COOKIE}=${id}; ${SESSION_COOKIE}=x`)).status).toBe(303)
  })

  it('SES-03: ends after an idle hour, to the millisecond, and each use begins the hour again', async () => {
    const { annsBrowser, clock } = await buildWebHouse()
    const browser = await annsBrowser()
    await clock.advance(HOUR_MS - 1)
    expect((await browser.get('/profile')).status).toBe(200)
    await clock.advance(HOUR_MS - 1)
    expect((await browser.get('/profile')).status).toBe(200)
    await clock.advance(HOUR_MS)
    expect((await browser.get('/profile')).status).toBe(303)
  })

  it('SES-03: ends twelve hours after the login however often it is used', async () => {
    const { annsBrowser, clock } = await buildWebHouse()
    const browser = await annsBrowser()
    for (let at = 0; at < 12 * HOUR_MS - HOUR_MS / 2; at += HOUR_MS / 2) {
      expect((await browser.get('/profile')).status).toBe(200)
      await clock.advance(HOUR_MS / 2)
    }
    await clock.advance(HOUR_MS / 2 - 1)
    expect((await browser.get('/profile')).status).toBe(200)
    await clock.advance(1)
    expect((await browser.get('/profile')).status).toBe(303)
  })

  it.each([
    [
      'a new password',
      (house: House) => house.accountStore.setPassword(house.ann.id, { hash: 'h', salt: '', scheme: 'x' }),
    ],
    ['disabling', (house: House) => house.accountStore.setDisabled(house.ann.id, true)],
    ['deleting', (house: House) => house.accountStore.remove(house.ann.id)],
    ['a new role', (house: House) => house.accountStore.setAdmin(house.ann.id, true)],
  ])('SES-01, SES-03: ends at once by %s, and stays ended', async (_, change) => {
    const house = await buildWebHouse()
    const browser = await house.annsBrowser()
    expect((await browser.get('/profile')).status).toBe(200)
    await change(house)
    expect((await browser.get('/profile')).status).toBe(303)
    expect(await house.sessions.list(house.ann.id)).toEqual([])
  })

  it('SES-03: ends at once by signing out, for whoever has the cookie', async () => {
    const { annsBrowser } = await buildWebHouse()
    const browser = await annsBrowser()
    const thief = browser.copy()
    expect((await thief.get('/profile')).status).toBe(200)
    await browser.post('/logout')
    expect((await thief.get('/profile')).status).toBe(303)
    expect(browser.cookies.size).toBe(0)
  })

  it('gives way to the hundred that were used later, so that no account fills the store', async () => {
    const { annsBrowser, sessions, ann, clock } = await buildWebHouse()
    const oldest = await annsBrowser()
    for (let count = 0; count < 100; count++) {
      await clock.advance(1)
      await annsBrowser()
    }
    expect(await sessions.list(ann.id)).toHaveLength(100)
    expect((await oldest.get('/profile')).status).toBe(303)
  })
})

type House = Awaited<ReturnType<typeof buildWebHouse>>
