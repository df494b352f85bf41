import { describe, expect, it } from 'vitest'
import { SESSION_COOKIE, webRoutes } from '../../src/web/index.ts'
import { locationOf } from './browser.ts'
import { buildWebHouse, PASSWORD } from './web-house.ts'

const CROSS_SITE = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }

describe('SES-04: another site', () => {
  it.each([
    ['/login', { username: 'ann', password: PASSWORD }],
    ['/logout', {}],
    ['/welcome', { username: 'mallory' }],
    ['/profile/secrets', { name: 'evil', days: '' }],
    ['/profile/secrets/revoke', { id: 'x' }],
    ['/profile/sessions/revoke', { others: 'all' }],
  ])('cannot send %s, and nothing changes', async (path, fields) => {
    const { annsBrowser, sessions, secrets, ann } = await buildWebHouse()
    const hers = await annsBrowser()
    const before = hers.cookies.get(SESSION_COOKIE)
    for (const headers of [CROSS_SITE, { 'sec-fetch-site': 'same-site' }, { origin: 'null' }, {}]) {
      const answer = await hers.post(path, fields, headers as Record<string, string>)
      expect(answer.status).toBe(400)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(hers.cookies.get(SESSION_COOKIE)).toBe(before)
    expect(await sessions.list(ann.id)).toHaveLength(1)
    expect(await secrets.list(ann.id)).toEqual([])
    expect((await hers.get('/profile')).status).toBe(200)
  })

  it('cannot send a form in the guise of text or JSON', async () => {
    const { annsBrowser, secrets, ann } = await buildWebHouse()
    const hers = await annsBrowser()
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x', '']) {
      const own = { 'sec-fetch-site': 'same-origin', 'content-type': type }
      expect((await hers.post('/profile/secrets', { name: 'evil', days: '' }, own)).status).toBe(400)
    }
    expect(await secrets.list(ann.id)).toEqual([])
  })

  it('knows every route that changes something: all of them are in the table above, or signed by a provider', async () => {
    const { parts } = await buildWebHouse()
    const changing = webRoutes(parts).filter(({ method, path }) => method !== 'GET' && path !== '/*')
    expect(changing.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'POST /auth/oidc_auth/backchannel-logout',
      'POST /login',
      'POST /logout',
      'POST /profile/secrets',
      'POST /profile/secrets/revoke',
      'POST /profile/sessions/revoke',
      'POST /welcome',
    ])
  })

  it('signs nobody out by a link: GET asks', async () => {
    const { annsBrowser } = await buildWebHouse()
    const hers = await annsBrowser()
    const page = await (await hers.get('/logout')).text()
    expect(page).toContain('<form class="row" method="post" action="/logout">')
    expect((await hers.get('/profile')).status).toBe(200)
  })

  it('begins no login at a provider', async () => {
    const { browser } = await buildWebHouse()
    const answer = await browser().get('/auth/oidc_auth/start', { 'sec-fetch-site': 'cross-site' })
    expect(locationOf(answer)).toBe('/login')
    expect(answer.headers.getSetCookie()).toEqual([])
  })
})
