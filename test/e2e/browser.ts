import AxeSource from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { locate } from '../servers/requirements.ts'

// The rest of them keep it from calling home.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Debian's Chromium without a screen; close it at the end. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: locate('chromium'), headless: true, args: FLAGS })

/** What axe finds wrong with a page, one line each. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  // Outside of the page's own policy, which lets no script run.
  const session = await page.context().newCDPSession(page)
  await session.send('Runtime.evaluate', { expression: AxeSource.source })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run().then(({ violations }) => JSON.stringify(violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html }) => id + ': ' + help + ': ' + html))))`,
    awaitPromise: true,
  })
  await session.detach()
  return JSON.parse(String(result.value))
}
