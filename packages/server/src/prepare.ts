import { ConfigurationError, isBackendUnavailable } from '@lockkeeper/core'
import type { Database } from '@lockkeeper/database'
import type { Logger } from 'pino'
import { ensureFirstAdministrator, type FirstAdministrator } from './first-administrator.ts'
import type { Stores } from './stores.ts'
import type { Terminal } from './terminal.ts'

const RETRY_MS = 5_000

/**
 * Brings the schema up to date and makes the first administrator. On a database of Harbor's neither is done: `migrate`
 * adds our own tables there when the operator says so, and Harbor has its administrator.
 *
 * A database that is down does not keep the server from starting: what it needs is done when the database is back.
 *
 * @throws {ConfigurationError} when time would not mend it.
 */
export async function prepareStores(
  stores: Stores,
  terminal: Terminal,
  log: Logger,
  stopSignal: AbortSignal,
): Promise<FirstAdministrator | undefined> {
  try {
    return await prepare(stores, terminal)
  } catch (error) {
    if (!isBackendUnavailable(error)) throw error
    log.warn({ err: error }, 'the database is down: logins are answered with 503 until it is back')
    retry(stores, terminal, log, stopSignal)
    return undefined
  }
}

async function prepare(stores: Stores, terminal: Terminal): Promise<FirstAdministrator | undefined> {
  const { database } = stores
  // Says what time does not mend, such as a damaged file, in words for the operator.
  await database.ping()
  if (await database.isHarbors()) {
    await requireOwnTables(database)
    return undefined
  }
  await database.migrate()
  return ensureFirstAdministrator(stores, terminal.environment)
}

/** @throws {ConfigurationError} when no login could be answered without a `migrate` first. */
export async function requireOwnTables(database: Pick<Database, 'pendingMigrations'>): Promise<void> {
  if ((await database.pendingMigrations()).length === 0) return
  const message =
    'Harbor made this database, and the tables of Lockkeeper are missing: run `lockkeeper migrate`; it adds tables named lockkeeper_… and leaves those of Harbor as they are'
  throw new ConfigurationError('database', [{ path: '', message }])
}

function retry(stores: Stores, terminal: Terminal, log: Logger, stopSignal: AbortSignal): void {
  const timer = setInterval(() => {
    prepare(stores, terminal).then(
      (administrator) => {
        clearInterval(timer)
        log.info('the database is back')
        if (administrator?.password !== undefined) {
          terminal.write(`The administrator ${administrator.name} got the password ${administrator.password}\n`)
        }
      },
      (error: unknown) =>
        log.warn(
          { err: error },
          isBackendUnavailable(error) ? 'the database is still down' : 'the database is back, but cannot be used yet',
        ),
    )
  }, RETRY_MS)
  timer.unref()
  stopSignal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
