import { ConfigurationError } from '@lockkeeper/core'
import type { Settings } from './config/schema.ts'

const EVERYWHERE = /^(?:0\.0\.0\.0|\[::\]):/

/**
 * The URL that clients reach this server by, without a trailing slash.
 *
 * @throws {ConfigurationError} when the listen address cannot stand in for it.
 */
export function externalUrlOf({ externalUrl, listen }: Settings): string {
  if (externalUrl !== undefined) return externalUrl
  if (!EVERYWHERE.test(listen) && !listen.endsWith(':0')) return `http://${listen}`
  const message = `must be set: ${listen} does not say by which URL clients reach this server`
  throw new ConfigurationError('configuration', [{ path: 'externalUrl', message }])
}
