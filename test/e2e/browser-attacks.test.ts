import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ELSEWHERE } from '../../packages/http/test/web/hostile-targets.ts'
import { requires } from '../servers/requirements.ts'
import { startBrowser } from './browser.ts'
import { type Steps, stepsAt } from './browser-steps.ts'
import { startWebServer, type WebServer } from './web-server.ts'

const need = requires('chromium')

describe.skipIf(need.skip)(`attacks on who signs in with a browser${need.note}`, () => {
  let server: WebServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let steps: Steps

  beforeAll(async () => {
    server = await startWebServer()
    steps = stepsAt(server)
    browser = await startBrowser()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
  })
  afterEach(() => context.close())
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('OID-02: refuses a wrong state, and the page says how to go on', async () => {
    await steps.goToProvider(page)
    await page.goto(`${server.url}/auth/oidc_auth/callback?code=c&state=of-somebody-else&iss=${server.provider.issuer}`)
    await page.waitForURL(`${server.url}/login?problem=expired**`)
    expect(await page.getByRole('alert').textContent()).toContain('Please start again')
    await page.goto(`${server.url}/profile`)
    expect(page.url()).toBe(`${server.url}/login?next=%2Fprofile`)
  })

  it('OID-02: refuses a callback that was used, in this browser and in another', async () => {
    let callback = ''
    page.on('request', (request) => {
      if (request.url().includes('/auth/oidc_auth/callback?')) callback = request.url()
    })
    await steps.signIn(page)
    expect(callback).toContain('code=')
    const elsewhere = await browser.newContext()
    const other = await elsewhere.newPage()
    for (const at of [page, other]) {
      await at.goto(callback)
      await at.waitForURL(`${server.url}/login?problem=expired**`)
    }
    await other.goto(`${server.url}/profile`)
    expect(other.url()).toContain('/login')
    await elsewhere.close()
  })

  it('OID-07: lets nobody in by a name that belongs to somebody else', async () => {
    await steps.goToProvider(page)
    await steps.answerProvider('root', page)
    await page.waitForURL(`${server.url}/login?problem=conflict**`)
    expect(await page.getByRole('alert').textContent()).toContain('Ask your administrator to link it')
  })

  it('SES-04: is not done to anybody by another site', async () => {
    await steps.signIn(page)
    await context.route('http://evil.test/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${server.url}/logout"><button>Win</button></form>`,
      }),
    )
    const tab = await context.newPage()
    await tab.goto('http://evil.test/')
    await tab.getByRole('button', { name: 'Win' }).click()
    await tab.getByText('did not come from a page of this server').waitFor()
    await page.reload()
    expect(page.url()).toBe(`${server.url}/profile`)
  })

  it('SES-05: shows hostile text as text, and runs none of it', async () => {
    server.provider.people.set('eve', {
      preferred_username: 'eve',
      name: '<img src=x onerror=alert(1)><script>alert(2)</script>',
    })
    let dialogs = 0
    page.on('dialog', async (dialog) => {
      dialogs++
      await dialog.dismiss()
    })
    await steps.signIn(page, 'eve')
    await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor()
    expect(dialogs).toBe(0)
  })

  it('SES-05: puts no code, cookie or secret into an address of ours, nor into the log', async () => {
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await steps.signIn(page)
    const secret = await steps.makeSecret(page, 'canary')
    await page.goto(`${server.url}/profile`)
    const cookies = (await context.cookies(server.url)).map(({ value }) => value)
    const callback = addresses.find((address) => address.startsWith(`${server.url}/auth/oidc_auth/callback?`)) ?? ''
    const { code = '', state = '' } = Object.fromEntries(new URL(callback).searchParams)
    expect(page.url()).toBe(`${server.url}/profile`)
    const canaries = [secret, code, state, ...cookies]
    expect(canaries.length).toBeGreaterThanOrEqual(4)
    const ours = addresses.filter((address) => address.startsWith(server.url) && address !== callback)
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(20)
      expect(`${ours.join('\n')}\n${server.log()}`).not.toContain(canary)
    }
  })

  it('OID-09: leads from no hostile spelling to a place that is not ours, though this browser would go there', async () => {
    // Half of a surrogate pair fits into no address.
    const spellings = ELSEWHERE.filter((text) => text.isWellFormed())
    await page.goto(`${server.url}/login`)
    const origins = await page.evaluate<(string | null)[]>(
      `${JSON.stringify(spellings)}.map((text) => URL.parse(text, location.href)?.origin ?? null)`,
    )
    expect(spellings.length).toBeGreaterThanOrEqual(60)
    expect(origins.filter((origin) => origin !== null && origin !== server.url).length).toBeGreaterThan(30)

    await steps.signIn(page)
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!request.url().startsWith(`${server.url}/`)) elsewhere.push(request.url())
    })
    for (const text of spellings) {
      await page.goto(`${server.url}/login?next=${encodeURIComponent(text)}`, { waitUntil: 'commit' })
      expect([text, page.url()]).toEqual([text, `${server.url}/profile`])
    }
    expect(elsewhere).toEqual([])
  })
})
