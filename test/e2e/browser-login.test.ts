import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterLoginTarget } from '@lockkeeper/http/web'
import fc from 'fast-check'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startRegistry } from '../servers/registry.ts'
import { available, requires } from '../servers/requirements.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { startBrowser } from './browser.ts'
import { clientsOf } from './clients.ts'
import { makeImage } from './image.ts'
import { ANN, startWebServer } from './web-server.ts'

const need = requires('chromium')
const CLIENTS = ['docker', 'skopeo', 'registry-2.8'] as const
const SECRET = /^lkcli_[0-9A-Za-z]{12}_[0-9A-Za-z]{24}$/

describe.skipIf(need.skip)(`signing in with a browser${need.note}`, () => {
  let server: Awaited<ReturnType<typeof startWebServer>>
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let folder: TemporaryFolder
  const complaints: string[] = []

  beforeAll(async () => {
    server = await startWebServer()
    browser = await startBrowser()
    folder = await temporaryFolder()
  })
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    complaints.length = 0
    page.on('console', (message) => complaints.push(message.text()))
  })
  afterEach(() => context.close())
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await folder?.remove()
  })

  /** From the sign-in page to the provider's form. */
  async function goToProvider(at: Page = page): Promise<void> {
    await at.goto(`${server.url}/login?next=%2Fprofile`)
    await at.getByRole('link', { name: 'Sign in with Example' }).click()
    await at.waitForURL(`${server.provider.issuer}/**`)
  }

  /** Tells the provider's form who it is. */
  async function answerProvider(person: string, at: Page = page): Promise<void> {
    await at.getByLabel('Who are you?').fill(person)
    await at.getByRole('button', { name: 'Sign in' }).click()
  }

  async function signIn(person = 'jane', at: Page = page): Promise<void> {
    await goToProvider(at)
    await answerProvider(person, at)
    await at.waitForURL(`${server.url}/profile`)
  }

  it('goes to the provider and back, makes a secret for docker login, and signs out at both', async () => {
    await signIn()
    await page.getByRole('heading', { name: 'Jane Doe' }).waitFor()
    await page.getByLabel('Name of a new secret').fill('laptop')
    await page.getByRole('button', { name: 'Make a secret' }).click()
    const secret = await page.getByLabel('Secret', { exact: true }).inputValue()
    expect(secret).toMatch(SECRET)
    expect(await page.getByLabel('Sign in on the command line').inputValue()).toBe(
      `docker login --username jane ${server.host}`,
    )

    const tokenStatus = async () => {
      const authorization = `Basic ${Buffer.from(`jane:${secret}`).toString('base64')}`
      return (await fetch(`${server.url}/service/token`, { headers: { authorization } })).status
    }
    expect(await tokenStatus()).toBe(200)
    await page.goto(`${server.url}/profile`)
    expect(await page.content()).not.toContain(secret)
    expect(await page.content()).not.toContain('never used')
    await page.getByRole('button', { name: 'Revoke laptop' }).click()
    await page.getByText('The secret is revoked').waitFor()
    expect(await tokenStatus()).toBe(401)

    await page.getByRole('button', { name: 'Sign out, also at Example' }).click()
    await page.getByText('Sign out here, too?').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`${server.url}/logout**`)
    await page.getByRole('heading', { name: 'Signed out' }).waitFor()
    await page.getByRole('link', { name: 'Sign in again' }).click()
    await page.getByRole('link', { name: 'Sign in with Example' }).click()
    await page.getByLabel('Who are you?').waitFor()
    expect(complaints.filter((text) => /Content.Security.Policy|refused to/i.test(text))).toEqual([])
  })

  it.skipIf(!CLIENTS.every((name) => available(name)))(
    'makes a secret that docker logs in with and skopeo pushes with, until it is revoked',
    async () => {
      const certificates = join(folder.path, 'certificates.pem')
      await writeFile(certificates, server.certificates)
      const auth = {
        realm: `${server.url}/service/token`,
        service: 'registry',
        issuer: 'lockkeeper',
        rootcertbundle: certificates,
      }
      const registry = await startRegistry({ version: '2.8', auth })
      onTestFinished(() => registry.stop())
      await signIn()
      await page.getByLabel('Name of a new secret').fill('docker')
      await page.getByRole('button', { name: 'Make a secret' }).click()
      const login = { username: 'jane', password: await page.getByLabel('Secret', { exact: true }).inputValue() }

      const { docker, skopeo } = clientsOf(folder.path)
      const image = await makeImage(join(folder.path, 'image'), 'hello')
      const push = () => skopeo.copy(image.layout, `docker://${registry.host}/library/hello:1`)
      expect((await docker.login(server.host, login)).stdout).toContain('Login Succeeded')
      expect((await skopeo.login(registry.host, login)).code).toBe(0)
      expect((await push()).code).toBe(0)

      await page.getByRole('button', { name: 'Revoke docker' }).click()
      await page.getByText('The secret is revoked').waitFor()
      expect((await docker.login(server.host, login)).code).not.toBe(0)
      expect((await push()).code).not.toBe(0)
    },
  )

  it('takes a password as well, without a mouse', async () => {
    await page.goto(`${server.url}/login`)
    const focused = () => page.evaluate('document.activeElement.textContent || document.activeElement.name')
    const order: unknown[] = []
    for (let step = 0; step < 5; step++) {
      await page.keyboard.press('Tab')
      order.push(await focused())
      if (order.at(-1) === 'username') await page.keyboard.type(ANN.username)
      if (order.at(-1) === 'password') await page.keyboard.type(ANN.password)
    }
    expect(order).toEqual(['Lockkeeper', 'Sign in with Example', 'username', 'password', 'Sign in'])
    await page.keyboard.press('Enter')
    await page.waitForURL(`${server.url}/profile`)
    expect(await page.getByRole('button', { name: /also at/ }).count()).toBe(0)
  })

  it('OID-02: refuses a wrong state, and the page says how to go on', async () => {
    await goToProvider()
    await page.goto(`${server.url}/auth/oidc_auth/callback?code=c&state=of-somebody-else&iss=${server.provider.issuer}`)
    await page.waitForURL(`${server.url}/login?problem=expired**`)
    expect(await page.getByRole('alert').textContent()).toContain('Please start again')
    await page.goto(`${server.url}/profile`)
    expect(page.url()).toBe(`${server.url}/login?next=%2Fprofile`)
  })

  it('OID-02: works in two tabs, whichever comes back first', async () => {
    const second = await context.newPage()
    await goToProvider(page)
    await goToProvider(second)
    await answerProvider('jane', page)
    await page.waitForURL(`${server.url}/profile`)
    await answerProvider('jane', second)
    await second.waitForURL(`${server.url}/profile`)
    await page.reload()
    expect(page.url()).toBe(`${server.url}/profile`)
  })

  it('OID-02: refuses a callback that was used, in this browser and in another', async () => {
    let callback = ''
    page.on('request', (request) => {
      if (request.url().includes('/auth/oidc_auth/callback?')) callback = request.url()
    })
    await signIn()
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
    await goToProvider()
    await answerProvider('ann')
    await page.waitForURL(`${server.url}/login?problem=conflict**`)
    expect(await page.getByRole('alert').textContent()).toContain('Ask your administrator to link it')
  })

  it('ends everywhere when the person signs out at the provider', async () => {
    await signIn()
    const tab = await context.newPage()
    await tab.goto(`${server.provider.issuer}/session/end`)
    await tab.getByRole('button', { name: 'Sign out' }).click()
    await expect
      .poll(async () => {
        await page.goto(`${server.url}/profile`)
        return page.url()
      })
      .toBe(`${server.url}/login?next=%2Fprofile`)
  })

  it('ends in other browsers when the person says so', async () => {
    await signIn()
    const elsewhere = await browser.newContext()
    const other = await elsewhere.newPage()
    await signIn('jane', other)
    await page.reload()
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await page.getByText('The other browser is signed out').waitFor()
    await other.reload()
    expect(other.url()).toContain('/login')
    await elsewhere.close()
  })

  it('SES-04: is not done to anybody by another site', async () => {
    await signIn()
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
    await signIn('eve')
    await page.getByRole('heading', { name: '<img src=x onerror=alert(1)>' }).waitFor()
    expect(dialogs).toBe(0)
  })

  it('OID-09: leads to no place that this browser takes for another site', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '//',
        '\\',
        '.',
        '..',
        '%2e',
        '%2f',
        '@',
        ':',
        '?',
        '#',
        '\t',
        '\n',
        'evil.test',
        'https:',
        'é',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    )
    const texts = fc.sample(fc.array(piece, { maxLength: 10 }), 3000).map((pieces) => `/${pieces.join('')}`)
    const targets = [...new Set(texts.map((text) => afterLoginTarget(text, server.url)))]
    await page.goto(`${server.url}/login`)
    const origins = await page.evaluate<string[]>(
      `${JSON.stringify(targets)}.map((target) => new URL(target, location.href).origin)`,
    )
    expect(targets.length).toBeGreaterThan(100)
    expect(new Set(origins)).toEqual(new Set([server.url]))
  })
})
