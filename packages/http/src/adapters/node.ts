import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from '../route.ts'
import type { AdapterOptions } from './answer.ts'
import { exchange } from './exchange.ts'

export type { AdapterOptions } from './answer.ts'
export type { ServeLimits } from './limits.ts'
export type { ListenAddress } from './listen-address.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'

/**
 * Makes a listener for the `request` event of a `node:http` server that you configure yourself; {@link serve} sets every
 * limit for you.
 */
export function nodeListener(
  handler: Handler,
  options: AdapterOptions = {},
): (message: IncomingMessage, outgoing: ServerResponse) => void {
  return (message, outgoing) => void exchange(handler, message, outgoing, options)
}
