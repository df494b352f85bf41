import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Handler } from '../route.ts'
import { type AdapterOptions, answerMessage, refusalResponse } from './answer.ts'
import { sendResponse } from './outgoing.ts'

/** What {@link exchange} takes beside the message. */
export interface ExchangeOptions extends AdapterOptions {
  /** Asked when the answer leaves: whether its connection is to be closed behind it. */
  readonly isLast?: () => boolean
}

/** Answers one message. Never rejects: a bug on the way is logged, and answered with 500 while that is possible. */
export async function exchange(
  handler: Handler,
  message: IncomingMessage,
  outgoing: ServerResponse,
  options: ExchangeOptions,
): Promise<void> {
  try {
    const { response, close } = await answerMessage(handler, message, options)
    await sendResponse(response, message, outgoing, { close: close || options.isLast?.() === true })
  } catch (error) {
    const response = refusalResponse(error, options)
    if (outgoing.headersSent) outgoing.destroy()
    else await sendResponse(response, message, outgoing, { close: true }).catch(() => outgoing.destroy())
  }
}
