import { compose, type TokenServer } from '@lockkeeper/compose'
import type { Authenticator } from '@lockkeeper/core'
import { serve } from '@lockkeeper/http/node'
import type { Logger } from 'pino'
import { banner } from './banner.ts'
import type { PlaceOptions } from './commands/context.ts'
import { parseSettings } from './config/load.ts'
import { externalUrlOf } from './external-url.ts'
import { auditToLog, createLog, requestsToLog } from './log.ts'
import { closeModes, makeModes } from './modes.ts'
import { prepareStores } from './prepare.ts'
import { openSigningKeys } from './signing-keys.ts'
import { findPlace, openStores, type Place, type Stores } from './stores.ts'
import type { Terminal } from './terminal.ts'
import { untilStopped } from './until-stopped.ts'

/** The first administrator logs in through `db_auth`, whatever the modes are. */
const SUPER_USER = { mode: 'db_auth', account: '1' }

/** Runs the server until it is told to stop. @throws {ConfigurationError} when it cannot start. */
export async function serveUntilStopped(
  options: PlaceOptions & { readonly listen?: string },
  terminal: Terminal,
): Promise<void> {
  const place = withListen(await findPlace(options), options.listen)
  const { settings, data } = place
  const log = createLog(settings.log.level)
  const stores = openStores(place)
  const stopping = new AbortController()
  let authenticators: readonly Authenticator[] = []
  try {
    authenticators = await makeModes(place, { stores, warn: (message) => log.warn(message) })
    const server = await composeServer(place, { authenticators, stores, log, stopSignal: stopping.signal })
    const administrator = await prepareStores(stores, terminal, log, stopping.signal)
    const { trustedProxies } = settings.http
    const running = await serve(server.handler, {
      listen: settings.listen,
      stopping,
      trustedProxies,
      log: requestsToLog(log),
    })
    terminal.write(
      banner({
        url: externalUrlOf(settings),
        listen: settings.listen,
        dataFolder: data.path,
        startedInMs: performance.now(),
        ...(administrator && { administrator }),
      }),
    )
    await untilStopped(running.stop)
    await server[Symbol.asyncDispose]()
  } finally {
    stopping.abort()
    await closeModes(authenticators)
    await stores.database.close()
  }
}

function withListen(place: Place, listen: string | undefined): Place {
  return listen === undefined ? place : { ...place, settings: parseSettings({ ...place.settings, listen }) }
}

interface ServerParts {
  readonly authenticators: readonly Authenticator[]
  readonly stores: Stores
  readonly log: Logger
  readonly stopSignal: AbortSignal
}

async function composeServer(place: Place, parts: ServerParts): Promise<TokenServer> {
  const { authenticators, stores, log, stopSignal } = parts
  const { settings } = place
  const audit = auditToLog(log)
  const { issuer, services } = settings.tokens
  const { hosts, trustedProxies } = settings.http
  return compose({
    authenticators,
    order: settings.auth.modes,
    superUser: SUPER_USER,
    accountStore: stores.accounts,
    projects: stores.projects,
    audit,
    lockoutOptions: { freezeMs: settings.lockout.freezeMs },
    tokenOptions: { issuer, services, keys: await openSigningKeys(place, audit) },
    externalUrl: externalUrlOf(settings),
    hosts,
    trustedProxies,
    backends: [{ name: 'database', ping: () => stores.database.ping() }],
    stopSignal,
    log: requestsToLog(log),
  })
}
