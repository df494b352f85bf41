import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../servers/free-port.ts'
import { requires } from '../servers/requirements.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { startBrowser } from './browser.ts'
import { clientsOf } from './clients.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const need = requires('chromium', 'docker')

describe.skipIf(need.skip)(`the example with a provider${need.note}`, () => {
  let browser: Browser
  let example: ChildProcess

  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    if (example === undefined || example.exitCode !== null) return
    const ended = once(example, 'exit')
    example.kill('SIGKILL')
    await ended
  })

  it('does what its README says', { timeout: 60_000 }, async () => {
    const host = `127.0.0.1:${await freePort()}`
    const words = ['examples/oidc/start.ts', host, String(await freePort())]
    example = spawn(process.execPath, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
    const ready = await readyLine(example)
    const readme = await readFile(`${ROOT}/examples/oidc/README.md`, 'utf8')
    expect(readme).toContain(ready.replace(host, '127.0.0.1:8080'))

    const page = await browser.newPage()
    await page.goto(`http://${host}`)
    await page.getByRole('link', { name: 'Sign in with the example provider' }).click()
    await page.locator('input[name=login]').fill('root')
    await page.locator('input[name=password]').fill('anything')
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL(`http://${host}/profile`)
    await page.getByText('Administrator').waitFor()
    await page.getByLabel('Name of a new secret').fill('laptop')
    await page.getByRole('button', { name: 'Make a secret' }).click()
    const secret = await page.getByLabel('Secret', { exact: true }).inputValue()
    const line = await page.getByLabel('Sign in on the command line').inputValue()
    expect(readme).toContain(line.replace(host, '127.0.0.1:8080'))

    const home = await temporaryFolder()
    onTestFinished(() => home.remove())
    const { docker } = clientsOf(home.path)
    const logIn = () => docker.login(host, { username: 'root', password: secret })
    expect((await logIn()).stdout).toContain('Login Succeeded')
    expect(readme).toContain('Login Succeeded')
    await page.getByRole('button', { name: 'Revoke laptop' }).click()
    await page.getByText('The secret is revoked').waitFor()
    expect((await logIn()).code).not.toBe(0)
  })
})

/** Its pipe stays open and is read on: a provider that could not print would end. */
async function readyLine({ stdout }: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let output = ''
  stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    const line = /^ready: .*$/m.exec(output)?.[0]
    if (line !== undefined) resolve(line)
  })
  stdout?.on('end', () => reject(new Error(`the example ended without being ready: ${output}`)))
  return promise
}
