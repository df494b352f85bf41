import type { IncomingMessage } from 'node:http'
import type { Handler } from '../route.ts'
import { type AdapterOptions, answerMessage } from './answer.ts'

export type { AdapterOptions } from './answer.ts'

/** The part of a Hono context that is read: what `@hono/node-server` puts into it. Nothing of Hono is imported. */
export interface HonoContextLike {
  /** `{ incoming: IncomingMessage }`; an application that does not say what its `Bindings` are has `unknown` here. */
  readonly env: unknown
}

/**
 * Mounts a handler in a Hono application that runs on `@hono/node-server`: `app.all('*', honoHandler(handler))`.
 *
 * It reads the message that Node parsed and not Hono's `Request`, whose address was normalised on the way.
 *
 * @see {@link https://hono.dev/docs/getting-started/nodejs | Hono: Node.js}
 */
export function honoHandler(
  handler: Handler,
  options: AdapterOptions = {},
): (context: HonoContextLike) => Promise<Response> {
  return async ({ env }) => {
    const { incoming } = env as { readonly incoming: IncomingMessage }
    const { response, close } = await answerMessage(handler, incoming, options)
    if (close) response.headers.set('Connection', 'close')
    return response
  }
}
