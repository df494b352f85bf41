import { isConfigurationError } from '@lockkeeper/core'
import { serve } from '@lockkeeper/http/node'
import type { Logger } from 'pino'
import { banner, firstStart } from './banner.ts'
import type { PlaceOptions } from './commands/context.ts'
import { composeServer } from './compose-server.ts'
import { parseSettings } from './config/load.ts'
import { type ControlRoute, openControlServer } from './control/control-server.ts'
import { urlRoute } from './control/url-route.ts'
import { externalUrlOf } from './external-url.ts'
import { createLockDesk } from './lockout/lock-desk.ts'
import { lockRoutes } from './lockout/lock-routes.ts'
import { openLockout } from './lockout/open-lockout.ts'
import { auditToLog, createLog, requestsToLog } from './log.ts'
import { closeModes, makeModes } from './modes.ts'
import { prepareStores } from './prepare.ts'
import { findPlace, openStores, type Place } from './stores.ts'
import type { Terminal } from './terminal.ts'
import { untilStopped } from './until-stopped.ts'

/** Runs the server until it is told to stop. @throws {ConfigurationError} when it cannot start. */
export async function serveUntilStopped(
  options: PlaceOptions & { readonly listen?: string },
  terminal: Terminal,
): Promise<void> {
  const place = withListen(await findPlace(options), options.listen)
  const { settings, data } = place
  const log = createLog(settings.log.level)
  const audit = auditToLog(log)
  const stopping = new AbortController()
  const stores = openStores(place)
  const closing = [() => stores.database.close()]
  try {
    const authenticators = await makeModes(place, { stores, warn: (message) => log.warn(message) })
    closing.push(() => closeModes(authenticators))
    const { lockout, lost, backend, close } = await openLockout(place, stores, audit)
    closing.push(close)
    const stopSignal = stopping.signal
    const backends = [{ name: 'database', ping: () => stores.database.ping() }, ...(backend ? [backend] : [])]
    const server = await composeServer(place, {
      authenticators,
      stores,
      lockout,
      backends,
      audit,
      log: requestsToLog(log),
      stopSignal,
    })
    const administrator = await prepareStores(stores, terminal, log, stopSignal)
    if (administrator) terminal.write(firstStart(administrator))
    const desk = createLockDesk({ lockout, accounts: stores.accounts, modes: authenticators })
    closing.push(await listenToCommands(place, new Map([...lockRoutes(desk, lost), ...urlRoute(settings)]), log))
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
        options,
        startedInMs: performance.now(),
        ...(administrator && { administrator }),
      }),
    )
    await untilStopped(running.stop)
    await server[Symbol.asyncDispose]()
  } finally {
    stopping.abort()
    for (const close of closing.reverse()) await close()
  }
}

/**
 * Without its socket a server serves all the same, unless another one runs on the folder and each would count refusals
 * in its own memory: that doubles the guesses.
 *
 * @returns What closes it.
 */
async function listenToCommands(
  { settings, data }: Place,
  routes: ReadonlyMap<string, ControlRoute>,
  log: Logger,
): Promise<() => Promise<void>> {
  try {
    return (await openControlServer(data.controlSocket, routes)).close
  } catch (error) {
    if (isConfigurationError(error) && settings.lockout.store === 'memory') throw error
    log.warn({ err: error }, 'commands such as lockkeeper locks cannot reach this server')
    return async () => {}
  }
}

function withListen(place: Place, listen: string | undefined): Place {
  return listen === undefined ? place : { ...place, settings: parseSettings({ ...place.settings, listen }) }
}
