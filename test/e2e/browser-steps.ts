import type { Page } from 'playwright-core'
import type { WebServer } from './web-server.ts'

/** What people do in a browser to get in; each ends at their profile. */
export interface Steps {
  /** From the sign-in page to the provider's form. */
  goToProvider(page: Page): Promise<void>
  /** Tells the provider's form who it is. */
  answerProvider(person: string, page: Page): Promise<void>
  signIn(page: Page, person?: string): Promise<void>
  signInByPassword(page: Page, login: { readonly username: string; readonly password: string }): Promise<void>
  /** Makes a secret, and reads it. */
  makeSecret(page: Page, name: string): Promise<string>
}

/** The steps of people at one server. */
export function stepsAt({ url, provider }: WebServer): Steps {
  const steps: Steps = {
    async goToProvider(page) {
      await page.goto(`${url}/login?next=%2Fprofile`)
      await page.getByRole('link', { name: 'Sign in with Example' }).click()
      await page.waitForURL(`${provider.issuer}/**`)
    },
    async answerProvider(person, page) {
      await page.getByLabel('Who are you?').fill(person)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
    async signIn(page, person = 'jane') {
      await steps.goToProvider(page)
      await steps.answerProvider(person, page)
      await page.waitForURL(`${url}/profile`)
    },
    async signInByPassword(page, { username, password }) {
      await page.goto(`${url}/login?next=%2Fprofile`)
      await page.getByLabel('User name').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.waitForURL(`${url}/profile`)
    },
    async makeSecret(page, name) {
      await page.getByLabel('Name of a new secret').fill(name)
      await page.getByRole('button', { name: 'Make a secret' }).click()
      return page.getByLabel('Secret', { exact: true }).inputValue()
    },
  }
  return steps
}
