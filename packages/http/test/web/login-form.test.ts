import { BackendUnavailableError } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { webRoutes } from '../../src/web/index.ts'
import { locationOf } from './browser.ts'
import { buildWebHouse, PASSWORD } from './web-house.ts'

/** Everything of an answer that goes over the wire, but for the request id. */
const bytesOf = async (response: Response): Promise<string> => {
  const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
  return JSON.stringify([response.status, headers, await response.text()])
}

describe('LOG-01: refusals at the login form', () => {
  const attempts: readonly (readonly [what: string, username: string, password: string])[] = [
    ['unknown', 'nobody', 'wrong'],
    ['disabled, with the right password', 'bob', PASSWORD],
    ['wrong', 'ann', 'wrong'],
    ['frozen, with the right password', 'ann', PASSWORD],
    ['empty', '', ''],
    ['a control character', 'a\u0007b', 'x'],
    ['markup', '<script>', '"><script>'],
    ['an over-long password', 'ann', 'x'.repeat(1100)],
    ['a secret for the command line', 'ann', `lkcli_${'a'.repeat(12)}_${'b'.repeat(24)}`],
  ]

  it('are byte-equal, and leave after the same time', async () => {
    const { clock, browser } = await buildWebHouse()
    const answers = new Set<string>()
    for (const [what, username, password] of attempts) {
      const pending = browser().post('/login', { username, password, next: '/profile' })
      let settled = false
      pending.finally(() => {
        settled = true
      })
      await clock.advance(1499)
      expect([what, settled]).toEqual([what, false])
      await clock.advance(1)
      answers.add(await bytesOf(await pending))
      // The next attempt finds ann frozen only where that is the point.
      if (what !== 'wrong') await clock.advance(2000)
    }
    expect(answers.size).toBe(1)
    expect([...answers][0]).toMatch(/^\[401,/)
    expect([...answers][0]).not.toContain('set-cookie')
    expect([...answers][0]).not.toContain('www-authenticate')
  })

  it('LCK-02: do not verify while ann is frozen', async () => {
    const { clock, browser, counting } = await buildWebHouse()
    const wrong = browser().post('/login', { username: 'ann', password: 'wrong' })
    await clock.advance(0)
    const right = browser().post('/login', { username: 'ann', password: PASSWORD })
    await clock.advance(3000)
    expect([(await wrong).status, (await right).status]).toEqual([401, 401])
    expect(counting.counts.verifications).toBe(1)
  })

  it('LCK-06: share the freeze with the other doors, both ways', async () => {
    const { clock, browser, counting, login } = await buildWebHouse()
    const byToken = (password: string) => login({ username: 'ann', password, source: '192.0.2.7', door: 'token' })
    const byForm = (password: string) => browser().post('/login', { username: 'ann', password })
    const wrongToken = byToken('wrong')
    await clock.advance(0)
    const rightForm = byForm(PASSWORD)
    await clock.advance(5000)
    expect([(await wrongToken).outcome, (await rightForm).status]).toEqual(['rejected', 401])
    const wrongForm = byForm('wrong')
    await clock.advance(0)
    const rightToken = byToken(PASSWORD)
    await clock.advance(5000)
    expect([(await wrongForm).status, (await rightToken).outcome]).toEqual([401, 'rejected'])
    expect(counting.counts.verifications).toBe(2)
  })

  it('are 503 beyond the number that is held back', async () => {
    const { clock, browser } = await buildWebHouse({ maxHeld: 1 })
    const first = browser().post('/login', { username: 'nobody', password: 'x' })
    await clock.advance(0)
    const second = await browser().post('/login', { username: 'somebody', password: 'x' })
    expect(second.status).toBe(503)
    expect(second.headers.get('retry-after')).toMatch(/^\d+$/)
    await clock.advance(3000)
    expect((await first).status).toBe(401)
  })
})

describe('the login form', () => {
  it('lets in with the right password, and leads to where the person wanted to go', async () => {
    const { browser, audit } = await buildWebHouse()
    const hers = browser()
    const answer = await hers.post('/login', { username: 'ann', password: PASSWORD, next: '/profile?tab=1' })
    expect([answer.status, locationOf(answer)]).toEqual([303, '/profile?tab=1'])
    expect(await (await hers.get('/profile')).text()).toContain('ann@example.com')
    expect(audit).toContainEqual(expect.objectContaining({ outcome: 'authenticated', door: 'login-form', name: 'ann' }))
  })

  it('OID-09: leads home instead of to somebody else', async () => {
    const { browser } = await buildWebHouse()
    const answer = await browser().post('/login', { username: 'ann', password: PASSWORD, next: '//evil.test' })
    expect(locationOf(answer)).toBe('/')
    expect(await (await browser().get('/login?next=https://evil.test/')).text()).not.toContain('evil.test')
  })

  it('refuses a form in which a field stands twice', async () => {
    const { handler } = await buildWebHouse()
    const request = new Request('https://auth.test/login', {
      method: 'POST',
      body: 'username=ann&username=bob&password=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    })
    expect((await handler(request, { peer: '192.0.2.7', tls: true })).status).toBe(400)
  })

  it('is not there where no mode has passwords', async () => {
    const { login: _, ...without } = (await buildWebHouse()).parts
    const routes = webRoutes(without)
    expect(routes.some(({ method, path }) => method === 'POST' && path === '/login')).toBe(false)
  })

  it('shows who is signed in their page instead', async () => {
    const { annsBrowser } = await buildWebHouse()
    const hers = await annsBrowser()
    expect(locationOf(await hers.get('/login?next=%2Fprofile'))).toBe('/profile')
    expect(locationOf(await hers.get('/'))).toBe('/profile')
  })

  it('LCK-07: says 503 in a page when it cannot be told, with what an administrator finds in the log', async () => {
    const { browser, log } = await buildWebHouse({
      login: async () => {
        throw new BackendUnavailableError('ldap_auth', 'does not answer')
      },
    })
    const answer = await browser().post('/login', { username: 'ann', password: PASSWORD })
    const page = await answer.text()
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page).toContain('try again in a minute')
    expect(page).toContain(answer.headers.get('x-request-id'))
    expect(page).not.toContain('ldap_auth')
    expect(log).toEqual([expect.objectContaining({ level: 'warn', status: 503, reason: 'ldap_auth: does not answer' })])
  })
})
