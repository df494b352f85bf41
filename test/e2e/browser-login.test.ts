import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startRegistry } from '../servers/registry.ts'
import { available, requires } from '../servers/requirements.ts'
import { type TemporaryFolder, temporaryFolder } from '../servers/temporary-folder.ts'
import { startBrowser } from './browser.ts'
import { type Steps, stepsAt } from './browser-steps.ts'
import { clientsOf } from './clients.ts'
import { makeImage } from './image.ts'
import { ADMIN } from './lockkeeper.ts'
import { startWebServer, type WebServer } from './web-server.ts'

const need = requires('chromium')
const CLIENTS = ['docker', 'skopeo', 'registry-2.8'] as const
const SECRET = /^lkcli_[0-9A-Za-z]{12}_[0-9A-Za-z]{24}$/

describe.skipIf(need.skip)(`signing in with a browser${need.note}`, () => {
  let server: WebServer
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let folder: TemporaryFolder
  let steps: Steps
  const complaints: string[] = []

  beforeAll(async () => {
    server = await startWebServer()
    steps = stepsAt(server)
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

  it('goes to the provider and back, makes a secret for docker login, and signs out at both', async () => {
    await steps.signIn(page)
    await page.getByRole('heading', { name: 'Jane Doe' }).waitFor()
    const secret = await steps.makeSecret(page, 'laptop')
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
      await writeFile(certificates, await (await fetch(`${server.url}/service/keys.pem`)).text())
      expect(await server.run(['project', 'add', 'library'])).toMatchObject({ code: 0 })
      const auth = {
        realm: `${server.url}/service/token`,
        service: 'registry',
        issuer: 'lockkeeper',
        rootcertbundle: certificates,
      }
      const registry = await startRegistry({ version: '2.8', auth })
      onTestFinished(() => registry.stop())
      await steps.signIn(page)
      const login = { username: 'jane', password: await steps.makeSecret(page, 'docker') }

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
      if (order.at(-1) === 'username') await page.keyboard.type(ADMIN.username)
      if (order.at(-1) === 'password') await page.keyboard.type(ADMIN.password)
    }
    expect(order).toEqual(['Lockkeeper', 'Sign in with Example', 'username', 'password', 'Sign in'])
    await page.keyboard.press('Enter')
    await page.waitForURL(`${server.url}/profile`)
    expect(await page.getByRole('button', { name: /also at/ }).count()).toBe(0)
  })

  it('OID-02: works in two tabs, whichever comes back first', async () => {
    const second = await context.newPage()
    await steps.goToProvider(page)
    await steps.goToProvider(second)
    await steps.answerProvider('jane', page)
    await page.waitForURL(`${server.url}/profile`)
    await steps.answerProvider('jane', second)
    await second.waitForURL(`${server.url}/profile`)
    await page.reload()
    expect(page.url()).toBe(`${server.url}/profile`)
  })

  it('ends everywhere when the person signs out at the provider', async () => {
    await steps.signIn(page)
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
    await steps.signIn(page)
    const elsewhere = await browser.newContext()
    const other = await elsewhere.newPage()
    await steps.signIn(other)
    await page.reload()
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await page.getByText('The other browser is signed out').waitFor()
    await other.reload()
    expect(other.url()).toContain('/login')
    await elsewhere.close()
  })

  it('SES-03: ends at once by what an administrator does on the command line', async () => {
    await server.addUser('kim', ADMIN.password)
    for (const words of [
      ['admin', 'kim'],
      ['disable', 'kim'],
    ]) {
      await steps.signInByPassword(page, { ...ADMIN, username: 'kim' })
      expect(await server.run(['user', ...words])).toMatchObject({ code: 0 })
      await page.reload()
      expect(page.url()).toBe(`${server.url}/login?next=%2Fprofile`)
    }
  })

  // The last one: it ends connections that are open.
  it.skipIf(!available('docker'))('survives a new start of the server, and so does a secret', async () => {
    await steps.signInByPassword(page, ADMIN)
    const password = await steps.makeSecret(page, 'ci')
    await server.restart()
    await page.goto(`${server.url}/profile`)
    expect(page.url()).toBe(`${server.url}/profile`)
    const { docker } = clientsOf(folder.path)
    expect((await docker.login(server.host, { ...ADMIN, password })).stdout).toContain('Login Succeeded')
    await page.reload()
    expect(await page.getByRole('listitem').filter({ hasText: 'Revoke ci' }).textContent()).not.toContain('never used')
  })
})
