import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from '../route.ts'
import { type AdapterOptions, answerMessage } from './answer.ts'
import { sendResponse } from './outgoing.ts'

export type { AdapterOptions } from './answer.ts'

/** A middleware as Express calls it; nothing of Express is imported. */
export type ExpressMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * Mounts a handler in an Express application: `app.use(expressMiddleware(handler))`, before any body parser and behind
 * routes of your own, since it answers whatever reaches it.
 *
 * @see {@link https://expressjs.com/en/guide/using-middleware.html | Express: using middleware}
 */
export function expressMiddleware(handler: Handler, options: AdapterOptions = {}): ExpressMiddleware {
  return (request, response, next) => {
    answerMessage(handler, request, options)
      .then((answer) => sendResponse(answer.response, request, response, answer))
      .catch(next)
  }
}
