import { compose } from '@lockkeeper/compose'
import { type Authenticator, isConfigurationError, LOCAL_MODE, silentAudit } from '@lockkeeper/core'
import { webOrigin } from '@lockkeeper/http/web'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import type { Command } from 'commander'
import { composeServer } from '../compose-server.ts'
import { externalUrlOf } from '../external-url.ts'
import { openLockoutStore } from '../lockout/open-lockout-store.ts'
import { closeModes, makeModes } from '../modes.ts'
import { requireOwnTables } from '../prepare.ts'
import { openSigningKeys } from '../signing-keys.ts'
import { findPlace, isEmbedded, openStores, type Place, type Stores } from '../stores.ts'
import { type CommandContext, type PlaceOptions, withPlace } from './context.ts'
import { subjectOf } from './subject-of.ts'

const PING_MS = 10_000

/** `check-config`. */
export function addCheckConfigCommand(program: Command, { terminal, exitWith }: CommandContext): void {
  const told = new Set<string>()

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
        const isNew = await check('database', () => isWithoutTables(stores, isEmbedded(place)))
        if (isNew) terminal.write('      the start will bring its tables up to date; until then they are not asked\n')
        if (!isNew || settings.lockout.store !== 'database') {
          await check('lockout', async () => {
            const { ping, close } = await openLockoutStore(place, stores)
            await ping().finally(close)
          })
        }
        if (settings.lockout.freezeMs === 0) {
          terminal.write(
            'warn  lockout: freezeMs: 0 turns it off: secrets can be guessed as fast as they are verified\n',
          )
        }
        await check('signing keys', () => openSigningKeys(place))
        const warn = (message: string) => terminal.write(`warn  ${message}\n`)
        const authenticators = await check('auth modes', () => makeModes(place, { stores, warn }))
        if (authenticators === undefined) return
        for (const authenticator of authenticators) {
          if (isNew && authenticator.mode === LOCAL_MODE) continue
          const { mode, ping } = authenticator
          if (ping === undefined) terminal.write(`ok    ${mode} (made; it has no ping to be asked with)\n`)
          else await check(mode, () => authenticator.ping?.({ signal: AbortSignal.timeout(PING_MS) }))
        }
        await check('order of the modes', () => compose({ authenticators, order: settings.auth.modes }).login)
        await check('server', () => composeAsTheStart(place, stores, authenticators), told)
        await closeModes(authenticators)
      } finally {
        await stores.database.close()
      }
    })

  /** @param known Problems that need not be told once more. */
  async function check<T>(name: string, work: () => T | Promise<T>, known?: typeof told): Promise<T | undefined> {
    try {
      const result = await work()
      terminal.write(`ok    ${name}\n`)
      return result
    } catch (error) {
      exitWith(1)
      for (const problem of problemsOf(error)) {
        if (known?.has(problem)) continue
        told.add(problem)
        // An error of a backend says by itself whose it is.
        terminal.write(`FAIL  ${name}: ${problem.startsWith(`${name}: `) ? problem.slice(name.length + 2) : problem}\n`)
      }
      return undefined
    }
  }
}

/**
 * Whether the start is still to make the tables. What the embedded database lacks is made here, since it is ours alone.
 *
 * @throws {ConfigurationError} when the start would not make them.
 */
async function isWithoutTables({ database }: Stores, embedded: boolean): Promise<boolean> {
  await database.ping()
  if (embedded) await database.migrate()
  if (await database.isHarbors()) await requireOwnTables(database)
  return (await database.pendingMigrations()).length > 0
}

/** Puts together what `serve` does, so that whatever keeps that from starting is told here. */
async function composeAsTheStart(place: Place, stores: Stores, authenticators: readonly Authenticator[]) {
  const parts = {
    audit: silentAudit,
    lockout: createLockout({ store: memoryLockoutStore() }),
    backends: [],
    log: () => {},
  }
  const server = await composeServer(place, {
    ...parts,
    stores,
    authenticators,
    stopSignal: AbortSignal.abort(),
  })
  return server.handler
}

function problemsOf(error: unknown): readonly string[] {
  if (isConfigurationError(error)) {
    const subject = subjectOf(error)
    return error.problems.map(({ path, message }) => {
      if (path.startsWith('[')) return `${subject}${path} ${message}`
      return path === '' ? `${subject}: ${message}` : `${path} ${message}`
    })
  }
  return [error instanceof Error ? error.message : String(error)]
}
