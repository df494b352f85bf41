import { BackendUnavailableError } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { SESSION_COOKIE } from '../../src/web/cookies.ts'
import { locationOf } from './browser.ts'
import { fakeExternalLogin, ISSUER, person } from './fake-external-login.ts'
import { buildWebHouse } from './web-house.ts'

const EXPIRED = /^\/login\?problem=expired&reference=[0-9a-f-]{36}$/

describe('a login at a provider', () => {
  it('begins at the provider, and ends at the page that was wanted', async () => {
    const { browser, callbackFor, grants, accountStore, audit } = await buildWebHouse()
    const hers = browser()
    const callback = await callbackFor(hers, '/auth/oidc_auth/start?next=%2Fprofile%3Ftab%3D1')
    const answer = await hers.get(callback)
    expect([answer.status, locationOf(answer)]).toEqual([303, '/profile?tab=1'])
    expect([...hers.cookies.keys()]).toEqual([SESSION_COOKIE])
    const account = await accountStore.findByLink(person('jane'))
    expect(await grants.read(account?.id ?? 0)).toMatchObject({ grant: { refreshToken: 'refresh-token-1' } })
    expect(audit).toContainEqual(
      expect.objectContaining({ type: 'login', outcome: 'authenticated', door: 'browser', name: 'jane' }),
    )
  })

  it.each([
    ['Host says', {}],
    [
      'X-Forwarded-Host says',
      { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http', 'x-forwarded-port': '1' },
    ],
    ['Forwarded says', { forwarded: 'host=evil.test;proto=http' }],
    ['rewritten URLs say', { 'x-original-url': '/evil', 'x-rewrite-url': '/evil', 'x-forwarded-prefix': '/evil' }],
  ])('OID-08: comes back to the configured URL, whatever %s', async (_, hostile) => {
    const { handler, provider } = await buildWebHouse()
    const { headers } = await handler(new Request('https://evil.test/auth/oidc_auth/start', { headers: hostile }), {
      peer: '192.0.2.7',
      tls: true,
    })
    const redirectTo = new URL(headers.get('location') ?? '')
    expect(redirectTo.searchParams.get('redirect_uri')).toBe('https://auth.test/auth/oidc_auth/callback')
    const state = redirectTo.searchParams.get('state')
    const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const back = new Request(`https://evil.test/auth/oidc_auth/callback?code=c&state=${state}`, { headers: { cookie } })
    expect(locationOf(await handler(back, { peer: '192.0.2.7', tls: true }))).toBe('/')
    expect(provider.finished[0]?.callback.origin).toBe('https://auth.test')
  })

  it('OID-02: works in two tabs at once', async () => {
    const { browser, callbackFor } = await buildWebHouse()
    const hers = browser()
    const first = await callbackFor(hers)
    const second = await callbackFor(hers)
    expect(locationOf(await hers.get(first))).toBe('/')
    expect(locationOf(await hers.get(second))).toBe('/')
  })

  it('OID-02: is used once: a replayed callback reaches no provider', async () => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    const hers = browser()
    const callback = await callbackFor(hers)
    const replay = hers.copy()
    await hers.get(callback)
    expect(locationOf(await replay.get(callback))).toMatch(EXPIRED)
    expect(provider.finished).toHaveLength(1)
  })

  it('OID-02: is used once by one of two requests that come together', async () => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    const hers = browser()
    const callback = await callbackFor(hers)
    const copies = Array.from({ length: 20 }, () => hers.copy())
    const answers = await Promise.all(copies.map((copy) => copy.get(callback)))
    expect(answers.filter((answer) => locationOf(answer) === '/')).toHaveLength(1)
    expect(provider.finished).toHaveLength(1)
  })

  it('OID-02: is gone before the provider is asked, so that a failure cannot be tried again', async () => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    const hers = browser()
    const callback = await callbackFor(hers)
    const replay = hers.copy()
    provider.refuses = 'code_refused'
    expect(locationOf(await hers.get(callback))).toMatch(/^\/login\?problem=refused/)
    provider.refuses = undefined
    expect(locationOf(await replay.get(callback))).toMatch(EXPIRED)
    expect(provider.finished).toHaveLength(1)
  })

  it('OID-02: belongs to the browser that began it', async () => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    const attacker = browser()
    const callback = await callbackFor(attacker)
    const victim = browser()
    await callbackFor(victim)
    expect(locationOf(await victim.get(callback))).toMatch(EXPIRED)
    expect(locationOf(await browser().get(callback))).toMatch(EXPIRED)
    expect(provider.finished).toEqual([])
    expect(victim.cookies.has(SESSION_COOKIE)).toBe(false)
  })

  it.each([
    ['no state', '?code=c'],
    ['an empty state', '?code=c&state='],
    ['a wrong state', '?code=c&state=state-2'],
    ['two states', '?code=c&state=state-1&state=state-1'],
    ['nothing', ''],
  ])('OID-02: is refused with %s', async (_, query) => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    const hers = browser()
    await callbackFor(hers)
    expect(locationOf(await hers.get(`/auth/oidc_auth/callback${query}`))).toMatch(EXPIRED)
    expect(provider.finished).toEqual([])
  })

  it('OID-02: has ten minutes, to the millisecond', async () => {
    const { browser, callbackFor, clock } = await buildWebHouse()
    const inTime = browser()
    const late = browser()
    const first = await callbackFor(inTime)
    const second = await callbackFor(late)
    await clock.advance(599_999)
    expect(locationOf(await inTime.get(first))).toBe('/')
    await clock.advance(1)
    expect(locationOf(await late.get(second))).toMatch(EXPIRED)
  })

  it('OID-04: is worth nothing at the callback of another provider', async () => {
    const other = fakeExternalLogin('oidc_auth/other', 'Other')
    const jane = fakeExternalLogin()
    const { browser, callbackFor } = await buildWebHouse({ externalLogins: [jane, other] })
    const hers = browser()
    const callback = await callbackFor(hers)
    expect(locationOf(await hers.get(callback.replace('oidc_auth', 'oidc_auth/other')))).toMatch(EXPIRED)
    expect([jane.finished, other.finished]).toEqual([[], []])
  })

  it('SES-05: leaves the address with the code behind, and tells the reason to the operator alone', async () => {
    const { browser, callbackFor, provider, log } = await buildWebHouse()
    const hers = browser()
    const callback = await callbackFor(hers)
    provider.refuses = 'token_signature'
    const answer = await hers.get(callback)
    const location = locationOf(answer) ?? ''
    expect(answer.status).toBe(303)
    expect(location).not.toContain('code')
    const page = await (await hers.get(location)).text()
    expect(page).toContain('Signing in did not work')
    expect(page).toContain(answer.headers.get('x-request-id'))
    expect(page).not.toContain('token_signature')
    expect(log).toEqual([expect.objectContaining({ level: 'info', reason: 'oidc_auth: token_signature' })])
  })

  it('SES-05: shows no text of the address', async () => {
    const { browser } = await buildWebHouse()
    for (const query of [
      'problem=<script>',
      'problem=constructor',
      'problem=expired&reference=<script>alert(1)</script>',
    ]) {
      const page = await (await browser().get(`/login?${query}`)).text()
      expect(page).not.toContain('<script')
      expect(page).not.toContain('alert(1)')
    }
  })

  it('is unavailable, which is no refusal, when the provider cannot be asked', async () => {
    const { browser, callbackFor, provider, audit } = await buildWebHouse()
    const hers = browser()
    const callback = await callbackFor(hers)
    provider.down = new BackendUnavailableError('oidc_auth', 'does not answer')
    const answer = await hers.get(callback)
    expect(locationOf(answer)).toMatch(/^\/login\?problem=unavailable/)
    expect(audit.map(({ outcome }) => outcome)).toEqual(['unavailable'])
    const start = await hers.get('/auth/oidc_auth/start')
    expect(start.status).toBe(503)
    expect(await start.text()).toContain('try again in a minute')
  })

  it('OID-07: never takes over an account by its name', async () => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    provider.person = person('ann', { email: 'ann@example.com' })
    const hers = browser()
    expect(locationOf(await hers.get(await callbackFor(hers)))).toMatch(/^\/login\?problem=conflict/)
    expect(hers.cookies.has(SESSION_COOKIE)).toBe(false)
  })

  it('refuses who is disabled', async () => {
    const { browser, callbackFor, accountStore } = await buildWebHouse()
    const hers = browser()
    await hers.get(await callbackFor(hers))
    const account = await accountStore.findByLink(person('jane'))
    await accountStore.setDisabled(account?.id ?? 0, true)
    expect(locationOf(await hers.get(await callbackFor(hers)))).toMatch(/^\/login\?problem=not_allowed/)
  })

  it('keeps groups and administration that the provider grants for as long as the session lasts', async () => {
    const { browser, callbackFor, provider, sessions } = await buildWebHouse()
    provider.person = person('jane', { isAdmin: true, groups: [{ key: 'dev' }, { key: 'ops' }] })
    const hers = browser()
    await hers.get(await callbackFor(hers))
    const signedIn = await sessions.find(hers.cookies.get(SESSION_COOKIE) ?? '')
    expect(signedIn?.account).toMatchObject({ username: 'jane', isAdmin: true, groupIds: [1, 2], mode: 'oidc_auth' })
  })
})

describe('a notice that somebody signed out at the provider', () => {
  it('leaves the sessions of everybody else', async () => {
    const { handler, annsBrowser } = await buildWebHouse()
    const anns = await annsBrowser()
    const body = JSON.stringify({ subject: 'ann' })
    const request = new Request('https://auth.test/auth/oidc_auth/backchannel-logout', { method: 'POST', body })
    expect((await handler(request, { peer: '192.0.2.9', tls: true })).status).toBe(200)
    expect((await anns.get('/profile')).status).toBe(200)
  })

  it.each([
    ['by its session', { session: 'sid-1' }, 303],
    ['by its subject', { subject: 'sub-jane' }, 303],
    ['but not by another session', { session: 'sid-2', subject: 'sub-jane' }, 200],
    ['but not by another subject', { subject: 'sub-joe' }, 200],
  ])('ends a session %s', async (_, named, status) => {
    const { browser, callbackFor, handler } = await buildWebHouse()
    const janes = browser()
    await janes.get(await callbackFor(janes))
    const request = new Request('https://auth.test/auth/oidc_auth/backchannel-logout', {
      method: 'POST',
      body: JSON.stringify(named),
    })
    expect((await handler(request, { peer: '192.0.2.9', tls: true })).status).toBe(200)
    expect((await janes.get('/profile')).status).toBe(status)
  })

  it('is refused when the provider did not sign it', async () => {
    const { handler, audit } = await buildWebHouse()
    const request = new Request('https://auth.test/auth/oidc_auth/backchannel-logout', {
      method: 'POST',
      body: 'logout_token=bad',
    })
    expect((await handler(request, { peer: '192.0.2.9', tls: true })).status).toBe(400)
    expect(audit).toContainEqual(expect.objectContaining({ outcome: 'rejected', reason: 'token_signature' }))
  })
})

describe('signing out', () => {
  it('also at the provider: here first, then there, with the way back', async () => {
    const { browser, callbackFor } = await buildWebHouse()
    const hers = browser()
    await hers.get(await callbackFor(hers))
    const answer = await hers.post('/logout', { provider: 'too' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('refresh')).toBe(
      `0; url=${ISSUER}/logout?subject=sub-jane&post_logout_redirect_uri=https%3A%2F%2Fauth.test%2Flogout`,
    )
    expect(hers.cookies.size).toBe(0)
    expect((await hers.get('/profile')).status).toBe(303)
  })

  it('here alone', async () => {
    const { browser, callbackFor } = await buildWebHouse()
    const hers = browser()
    await hers.get(await callbackFor(hers))
    const answer = await hers.post('/logout')
    expect([answer.status, locationOf(answer)]).toEqual([303, '/logout'])
    expect(await (await hers.get('/logout')).text()).toContain('You are signed out')
  })

  it('is not offered at a provider to who came with a password', async () => {
    const { annsBrowser } = await buildWebHouse()
    expect(await (await (await annsBrowser()).get('/profile')).text()).not.toContain('also at')
  })
})
