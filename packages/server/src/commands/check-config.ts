import { compose } from '@lockkeeper/compose'
import { isConfigurationError } from '@lockkeeper/core'
import { webOrigin } from '@lockkeeper/http/web'
import type { Command } from 'commander'
import { externalUrlOf } from '../external-url.ts'
import { openLockoutStore } from '../lockout/open-lockout-store.ts'
import { closeModes, makeModes } from '../modes.ts'
import { openSigningKeys } from '../signing-keys.ts'
import { findPlace, isEmbedded, openStores } from '../stores.ts'
import { type CommandContext, type PlaceOptions, withPlace } from './context.ts'

const PING_MS = 10_000

/** `check-config`. */
export function addCheckConfigCommand(program: Command, { terminal, exitWith }: CommandContext): void {
  withPlace(program.command('check-config'))
    .description('check the configuration and ask every backend; says what to mend')
    .action(async (options: PlaceOptions) => {
      const place = await findPlace(options)
      const { settings, file } = place
      terminal.write(`ok    configuration ${file ?? '(embedded default)'}\n`)
      const stores = openStores(place)
      try {
        await check('external URL', () => externalUrlOf(settings))
        if (settings.web.enabled) await check('pages', () => webOrigin(externalUrlOf(settings)))
        await check('database', async () => {
          // What the embedded database lacks, a start would add.
          if (isEmbedded(place)) await stores.database.migrate()
          await stores.database.ping()
        })
        await check('lockout', async () => {
          const { ping, close } = await openLockoutStore(settings, stores)
          await ping().finally(close)
        })
        await check('signing keys', () => openSigningKeys(place))
        const warn = (message: string) => terminal.write(`warn  ${message}\n`)
        const authenticators = await check('auth modes', () => makeModes(place, { stores, warn }))
        if (authenticators === undefined) return
        for (const authenticator of authenticators) {
          await check(authenticator.mode, () => authenticator.ping?.({ signal: AbortSignal.timeout(PING_MS) }))
        }
        await check('order of the modes', () => compose({ authenticators, order: settings.auth.modes }).login)
        await closeModes(authenticators)
      } finally {
        await stores.database.close()
      }
    })

  async function check<T>(name: string, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      const result = await work()
      terminal.write(`ok    ${name}\n`)
      return result
    } catch (error) {
      exitWith(1)
      for (const problem of problemsOf(error)) {
        // An error of a backend says by itself whose it is.
        terminal.write(`FAIL  ${name}: ${problem.startsWith(`${name}: `) ? problem.slice(name.length + 2) : problem}\n`)
      }
      return undefined
    }
  }
}

function problemsOf(error: unknown): readonly string[] {
  if (isConfigurationError(error)) return error.problems.map(({ path, message }) => `${path} ${message}`.trim())
  return [error instanceof Error ? error.message : String(error)]
}
