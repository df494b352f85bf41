import { externalUrlOf } from '../external-url.ts'
import type { Place } from '../stores.ts'
import { askServer } from './ask-server.ts'
import type { ControlRoute } from './control-server.ts'

const ROUTE = 'url'

/** Tells commands by which URL clients reach the running server. */
export const urlRoute = (settings: Place['settings']): ReadonlyMap<string, ControlRoute> =>
  new Map([[ROUTE, async () => externalUrlOf(settings)]])

/**
 * The URL that clients reach the server by: the configured one, that of the server that runs on the data folder, which
 * `--listen` may have moved, or where none runs that of the configured address.
 *
 * @throws {ConfigurationError} when none of them is known.
 */
export async function externalUrlAt({ settings, data }: Place): Promise<string> {
  if (settings.externalUrl !== undefined) return settings.externalUrl
  const running = await askServer(data.controlSocket, ROUTE, {}).catch(() => undefined)
  return typeof running === 'string' ? running : externalUrlOf(settings)
}
