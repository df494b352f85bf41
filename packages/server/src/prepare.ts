import { isBackendUnavailable } from '@lockkeeper/core'
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
  if (await database.isHarbors()) return undefined
  await database.migrate()
  return ensureFirstAdministrator(stores, terminal.environment)
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
      (error: unknown) => log.warn({ err: error }, 'the database is still down'),
    )
  }, RETRY_MS)
  timer.unref()
  stopSignal.addEventListener('abort', () => clearInterval(timer), { once: true })
}
