import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../servers/requirements.ts'
import { accessibilityProblems, startBrowser } from './browser.ts'
import { RIGHT } from './counting-auth.ts'
import { ADMIN } from './lockkeeper.ts'
import { startWebServer, type WebServer } from './web-server.ts'

const need = requires('chromium')
const MAX_SIGN_IN_BYTES = 30_000

describe.skipIf(need.skip)(`pages in a browser${need.note}`, () => {
  let server: WebServer
  let browser: Browser

  beforeAll(async () => {
    const plugin = fileURLToPath(new URL('./counting-auth.ts', import.meta.url))
    const further = { modes: ['counting_auth'], plugins: [plugin], counting_auth: { file: '/dev/null' } }
    server = await startWebServer('ask', further)
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  /** Each page, and how one gets there. Signing out comes after all that need the administrator. */
  const pages: readonly (readonly [name: string, open: (page: Page) => Promise<unknown>])[] = [
    ['sign in', (page) => page.goto(`${server.url}/login`)],
    [
      'wrong password',
      async (page) => {
        await page.getByLabel('User name').fill('nobody')
        await page.getByLabel('Password').fill('wrong')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('alert').waitFor()
      },
    ],
    [
      'problem at the provider',
      (page) => page.goto(`${server.url}/login?problem=refused&reference=${crypto.randomUUID()}`),
    ],
    [
      'choose a user name',
      async (page) => {
        await page.goto(`${server.url}/auth/oidc_auth/start`)
        await page.getByLabel('Who are you?').fill('root')
        await page.getByRole('button').click()
        await page.waitForURL('**/welcome')
      },
    ],
    [
      'name taken',
      async (page) => {
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('alert').waitFor()
      },
    ],
    [
      'profile',
      async (page) => {
        await page.goto(`${server.url}/login?next=%2Fprofile`)
        await page.getByLabel('User name').fill(ADMIN.username)
        await page.getByLabel('Password').fill(ADMIN.password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.waitForURL('**/profile')
      },
    ],
    [
      'new secret',
      async (page) => {
        await page.getByLabel('Name of a new secret').fill(`laptop ${crypto.randomUUID()}`)
        await page.getByRole('button', { name: 'Make a secret' }).click()
        await page.getByText('Copy the secret now').waitFor()
      },
    ],
    [
      'error',
      (page) =>
        page.goto(`${server.url}/login?next=%00`).then(() => page.goto(`${server.url}/auth/oidc_auth/callback`)),
    ],
    ['no such address', async (page) => expect((await page.goto(`${server.url}/nothing-here`))?.status()).toBe(404)],
    ['sign out?', (page) => page.goto(`${server.url}/logout`)],
    [
      'signed out',
      async (page) => {
        await page.getByRole('button', { name: 'Sign out', exact: true }).click()
        await page.getByRole('heading', { name: 'Signed out' }).waitFor()
      },
    ],
    [
      'profile without secrets',
      async (page) => {
        await page.goto(`${server.url}/login?next=%2Fprofile`)
        await page.getByLabel('User name').fill('jane-1')
        await page.getByLabel('Password').fill(RIGHT)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByText('There are no secrets for your account').waitFor()
      },
    ],
  ]

  it.each([
    ['light', 1100],
    ['light', 320],
    ['dark', 1100],
    ['dark', 320],
  ] as const)(
    'have nothing that axe finds, and nothing to scroll sideways: %s, %i pixels wide',
    async (colorScheme, width) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
      const page = await context.newPage()
      for (const [name, open] of pages) {
        await open(page)
        expect([name, await accessibilityProblems(page)]).toEqual([name, []])
        expect([name, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([name, true])
      }
      await context.close()
    },
  )

  it('would be found wanting without labels and contrast', async () => {
    const page = await browser.newPage()
    await page.setContent('<html><body><input><p style="color:#bbb;background:#fff">pale</p></body></html>')
    const problems = (await accessibilityProblems(page)).join('\n')
    expect(problems).toContain('label: ')
    expect(problems).toContain('color-contrast: ')
    await page.close()
  })

  it('weigh at most 30 kB where somebody signs in, headers included', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const sizes: Promise<number>[] = []
    page.on('requestfinished', (request) => {
      sizes.push(
        request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
      )
    })
    await page.goto(`${server.url}/login`, { waitUntil: 'networkidle' })
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    expect(sizes.length).toBeGreaterThanOrEqual(3)
    expect(total).toBeGreaterThan(5000)
    expect(total).toBeLessThanOrEqual(MAX_SIGN_IN_BYTES)
    await context.close()
  })

  it('work without JavaScript', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${server.url}/login?next=%2Fprofile`)
    await page.getByLabel('User name').fill(ADMIN.username)
    await page.getByLabel('Password').fill(ADMIN.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL('**/profile')
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('heading', { name: 'Signed out' }).waitFor()
    await context.close()
  })
})
