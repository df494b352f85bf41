import { isCliSecret } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { dockerLogin } from '../../src/web/docker-login.ts'
import { webRoutes } from '../../src/web/index.ts'
import { browserName } from '../../src/web/pages/browser-name.ts'
import { locationOf } from './browser.ts'
import { person } from './fake-external-login.ts'
import { buildWebHouse, PASSWORD } from './web-house.ts'

const DAY_MS = 86_400_000
const SECRET = /lkcli_([0-9A-Za-z]{12})_[0-9A-Za-z]{24}/

describe('secrets for the command line', () => {
  it('MCH-01: are shown once, with the line that uses them, and kept as a digest', async () => {
    const { annsBrowser, secrets, ann, audit, log } = await buildWebHouse({ registryHost: 'registry.example.com' })
    const hers = await annsBrowser()
    const answer = await hers.post('/profile/secrets', { name: 'laptop', days: '90' })
    const page = await answer.text()
    const [secret = '', id = ''] = SECRET.exec(page) ?? []
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(isCliSecret(secret)).toBe(true)
    expect(page).toContain('docker login --username ann registry.example.com')
    const later = await (await hers.get('/profile')).text()
    expect(later).toContain('laptop')
    expect(later).not.toMatch(SECRET)
    const stored = await secrets.find(id)
    expect(stored).toMatchObject({ name: 'laptop', digest: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(JSON.stringify([stored, audit, log])).not.toContain(secret)
    expect(await secrets.list(ann.id)).toMatchObject([{ name: 'laptop' }])
  })

  it.each([
    ['30', 30 * DAY_MS],
    ['365', 365 * DAY_MS],
    ['', undefined],
  ])('live for %j days', async (days, life) => {
    const { annsBrowser, secrets, ann, clock } = await buildWebHouse()
    await (await annsBrowser()).post('/profile/secrets', { name: 'ci', days })
    const [secret] = await secrets.list(ann.id)
    expect(secret?.expiresAt).toBe(life === undefined ? undefined : clock.wallMs() + life)
  })

  it('say when they were used, and when they end', async () => {
    const { annsBrowser, secrets, ann, clock } = await buildWebHouse()
    const hers = await annsBrowser()
    await hers.post('/profile/secrets', { name: 'ci', days: '30' })
    expect(await (await hers.get('/profile')).text()).toContain('never used')
    await secrets.touch((await secrets.list(ann.id))[0]?.id ?? '', clock.wallMs())
    const page = await (await hers.get('/profile')).text()
    expect(page).toContain('last used <time datetime="2026-01-01T00:00:00.000Z">')
    expect(page).toContain('expires <time datetime="2026-01-31T00:00:00.000Z">')
  })

  it('are revoked by their owner, and by nobody else', async () => {
    const { annsBrowser, secrets, ann, accountStore, bob, browser, clock } = await buildWebHouse()
    const hers = await annsBrowser()
    await hers.post('/profile/secrets', { name: 'ci', days: '' })
    const [{ id } = { id: '' }] = await secrets.list(ann.id)
    await accountStore.setDisabled(bob.id, false)
    const his = browser()
    await his.post('/login', { username: 'bob', password: PASSWORD })
    await his.post('/profile/secrets/revoke', { id })
    expect(await secrets.list(ann.id)).toHaveLength(1)
    const answer = await hers.post('/profile/secrets/revoke', { id })
    expect(locationOf(answer)).toBe('/profile?done=secret')
    expect(await secrets.list(ann.id)).toEqual([])
    expect((await secrets.find(id))?.revokedAt).toBe(clock.wallMs())
  })

  it.each([
    ['an empty name', { name: '', days: '30' }, 'The name of a secret is'],
    ['a name that is taken', { name: 'taken', days: '30' }, 'There is a secret named taken already'],
    ['another life than those offered', { name: 'ci', days: '100000' }, 'Choose when the secret expires'],
  ])('are not made with %s; the page says what to do', async (_, fields, message) => {
    const { annsBrowser, secrets, ann } = await buildWebHouse()
    const hers = await annsBrowser()
    await hers.post('/profile/secrets', { name: 'taken', days: '' })
    const answer = await hers.post('/profile/secrets', fields)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(message)
    expect(await secrets.list(ann.id)).toHaveLength(1)
  })

  it('SES-05: have names that are text', async () => {
    const { annsBrowser } = await buildWebHouse()
    const hers = await annsBrowser()
    const answer = await hers.post('/profile/secrets', { name: '<img src=x>"', days: '' })
    for (const page of [await answer.text(), await (await hers.get('/profile')).text()]) {
      expect(page).toContain('&lt;img src=x&gt;&quot;')
      expect(page).not.toContain('<img src=x>')
    }
  })

  it('are made by people of a provider that can be asked again, and by those with a local account', async () => {
    const { browser, callbackFor, annsBrowser } = await buildWebHouse()
    const janes = browser()
    await janes.get(await callbackFor(janes))
    for (const each of [janes, await annsBrowser()]) {
      expect(await (await each.get('/profile')).text()).toContain('action="/profile/secrets"')
    }
  })

  it('are not offered to people whom nobody can be asked about, who read why and what to do', async () => {
    const { browser, callbackFor, provider, secrets, accountStore, clock, audit } = await buildWebHouse()
    const hers = browser()
    await hers.get(await callbackFor(hers))
    await hers.post('/profile/secrets', { name: 'of earlier times', days: '' })
    delete provider.refresh

    const page = await (await hers.get('/profile')).text()
    expect(page).not.toContain('action="/profile/secrets"')
    expect(page).toContain('There are no secrets for your account, because without your password nobody can be asked')
    expect(page).toContain('value="docker login --username jane auth.test"')
    const refused = await hers.post('/profile/secrets', { name: 'by hand', days: '' })
    expect([refused.status, audit.filter(({ outcome }) => outcome === 'secret_made')]).toEqual([
      422,
      [expect.anything()],
    ])
    const { id = 0 } = (await accountStore.findByLink(person('jane'))) ?? {}
    const [old, ...others] = await secrets.list(id)
    expect([old?.name, others]).toEqual(['of earlier times', []])

    expect(page).toContain(`action="/profile/secrets/revoke"><input type="hidden" name="id" value="${old?.id}">`)
    await hers.post('/profile/secrets/revoke', { id: old?.id ?? '' })
    expect((await secrets.find(old?.id ?? ''))?.revokedAt).toBe(clock.wallMs())
  })

  it('are not needed by people whose token takes the place of a password, who read under which name', async () => {
    const { browser, callbackFor, provider } = await buildWebHouse()
    delete provider.refresh
    provider.tokenUsername = (username) => `tokenreview$${username}`
    const hers = browser()
    await hers.get(await callbackFor(hers))
    const page = await (await hers.get('/profile')).text()
    expect(page).not.toContain('usual password')
    expect(page).toContain('Use a token of yours where you are asked for a password.')
    expect(page).toContain(`value="docker login --username &#39;tokenreview$jane&#39; auth.test"`)
  })

  it('are made by nobody where there is no store for them', async () => {
    const { secrets: _, ...parts } = (await buildWebHouse()).parts
    expect(webRoutes(parts).some(({ path }) => path.startsWith('/profile/secrets'))).toBe(false)
  })
})

describe('sessions in the profile', () => {
  it('are listed with browser and address, and one of them can be ended', async () => {
    const { browser, sessions, ann } = await buildWebHouse()
    const laptop = browser()
    const phone = browser()
    await laptop.post('/login', { username: 'ann', password: PASSWORD })
    const userAgent = 'Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0'
    const own = { 'sec-fetch-site': 'same-origin', 'user-agent': userAgent }
    await phone.post('/login', { username: 'ann', password: PASSWORD }, own)
    const page = await (await laptop.get('/profile')).text()
    expect(page).toContain('Firefox on Android')
    expect(page).toContain('192.0.2.7')
    const other = (await sessions.list(ann.id)).find((session) => session.userAgent === userAgent)
    await laptop.post('/profile/sessions/revoke', { id: other?.id ?? '' })
    expect((await phone.get('/profile')).status).toBe(303)
    expect((await laptop.get('/profile')).status).toBe(200)
  })

  it('can all be ended but the one that asks', async () => {
    const { annsBrowser } = await buildWebHouse()
    const [here, there, elsewhere] = [await annsBrowser(), await annsBrowser(), await annsBrowser()]
    await here.post('/profile/sessions/revoke', { others: 'all' })
    expect((await here.get('/profile')).status).toBe(200)
    expect((await there.get('/profile')).status).toBe(303)
    expect((await elsewhere.get('/profile')).status).toBe(303)
  })

  it('of somebody else cannot be ended', async () => {
    const { annsBrowser, accountStore, bob, browser, sessions, ann } = await buildWebHouse()
    const hers = await annsBrowser()
    await accountStore.setDisabled(bob.id, false)
    const his = browser()
    await his.post('/login', { username: 'bob', password: PASSWORD })
    await his.post('/profile/sessions/revoke', { id: (await sessions.list(ann.id))[0]?.id ?? '' })
    expect((await hers.get('/profile')).status).toBe(200)
  })
})

describe('the line for the command line', () => {
  it.each([
    ['ann', 'registry.example.com', 'docker login --username ann registry.example.com'],
    ['ann@example.com', '127.0.0.1:8080', 'docker login --username ann@example.com 127.0.0.1:8080'],
    ['Ann Smith', 'r.test', "docker login --username 'Ann Smith' r.test"],
    ["O'Hara", 'r.test', "docker login --username 'O'\\''Hara' r.test"],
    ['$(reboot)', 'r.test', "docker login --username '$(reboot)' r.test"],
    ['ann;reboot', 'r.test', "docker login --username 'ann;reboot' r.test"],
  ])('quotes what a shell would read something into: %s', (username, host, line) => {
    expect(dockerLogin(host, username)).toBe(line)
  })
})

describe('the name of a browser', () => {
  // biome-ignore format: a table is read by column
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',                                                  'Firefox on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',          'Chrome on Windows'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',    'Safari on macOS'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile Safari/604.1', 'Chrome on iOS'],
    ['curl/8.1',                                                                                                                  'A browser'],
    ['',                                                                                                                          'A browser'],
  ])('of %s', (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name)
  })
})
