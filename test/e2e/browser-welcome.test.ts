import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requires } from '../servers/requirements.ts'
import { startBrowser } from './browser.ts'
import { startWebServer, type WebServer } from './web-server.ts'

const need = requires('chromium')

describe.skipIf(need.skip)(`a person who comes for the first time${need.note}`, () => {
  let server: WebServer
  let browser: Browser

  beforeAll(async () => {
    server = await startWebServer('ask')
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('is told that a name is taken, chooses another, and keeps it', async () => {
    const page = await browser.newPage()
    const signIn = async () => {
      await page.goto(`${server.url}/login?next=%2Fprofile`)
      await page.getByRole('link', { name: 'Sign in with Example' }).click()
      await page.getByLabel('Who are you?').fill('root')
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    await signIn()
    await page.waitForURL(`${server.url}/welcome`)
    const name = page.getByRole('textbox', { name: 'User name' })
    expect(await name.inputValue()).toBe('admin')
    await page.getByRole('button', { name: 'Continue' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('That user name is taken')
    await name.fill('another-admin')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`${server.url}/profile`)
    expect(await page.getByText('Signed in as').textContent()).toContain('another-admin')

    await page.context().clearCookies()
    await signIn()
    await page.waitForURL(`${server.url}/profile`)
    expect(await page.getByText('Signed in as').textContent()).toContain('another-admin')
    await page.close()
  })
})
