import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { errorResponse, type RequestLog } from '../error-response.ts'
import { isRequestError } from '../request-error.ts'
import type { Handler } from '../route.ts'
import { withSecurityHeaders } from '../security-headers.ts'
import { connectionOf, toRequest } from './incoming.ts'

/** Options that all adapters share. */
export interface AdapterOptions {
  /** Takes a line for each message that did not become a request; give it what the handler has. */
  readonly log?: RequestLog
}

/** What an adapter sends. */
export interface Answer {
  readonly response: Response
  /** The message could be read in two ways: nothing behind it on its connection is believed. */
  readonly close: boolean
}

/**
 * Answers a message that Node parsed: by the handler, or with the refusal of what cannot become a request.
 *
 * @throws {TypeError} when a body parser in front has read the body.
 */
export async function answerMessage(
  handler: Handler,
  message: IncomingMessage,
  options: AdapterOptions,
): Promise<Answer> {
  let request: Request
  try {
    request = toRequest(message)
  } catch (error) {
    if (!isRequestError(error)) throw error
    return { response: refusalResponse(error, options), close: error.status !== 404 }
  }
  const response = await handler(request, connectionOf(message))
  // A body that nobody began to read must not pile up in its stream while it is thrown away.
  if (request.body?.locked === false) request.body.cancel().catch(() => {})
  return { response, close: false }
}

/** The answer to what did not become a request, or to a bug on the way. */
export function refusalResponse(error: unknown, { log = () => {} }: AdapterOptions): Response {
  const requestId = randomUUID()
  const response = errorResponse(error, requestId, log)
  return withSecurityHeaders(response, { requestId, strictTransportSecurity: false })
}
