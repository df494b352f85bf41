import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { textOf } from '../response.ts'

/** How long, and how much of, a refused body is read and thrown away so that the client gets to see the refusal. */
const LINGER = { ms: 1000, bytes: 16 * 1024 * 1024 } as const

/** How an answer leaves. */
export interface SendOptions {
  /** Close the connection behind this answer. */
  readonly close?: boolean
}

/**
 * Sends an answer, no faster than the client takes it. Where the request's body was not read to its end the connection is
 * closed behind the answer, so that nothing of the body can be taken for another request.
 *
 * A client that goes away ends it; nothing is thrown for that.
 */
export async function sendResponse(
  response: Response,
  message: IncomingMessage,
  outgoing: ServerResponse,
  { close = false }: SendOptions = {},
): Promise<void> {
  const isReadUp = message.complete
  const isLast = close || !isReadUp
  outgoing.removeHeader('X-Powered-By')
  const text = isLast ? undefined : textOf(response)
  if (text !== undefined) {
    // One list and one write: header by header and out of a stream, the same answer takes much longer.
    outgoing.writeHead(response.status, [...response.headers].flat()).end(text)
    return
  }

  outgoing.statusCode = response.status
  for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) outgoing.setHeader('Set-Cookie', cookies)
  if (isLast) outgoing.setHeader('Connection', 'close')

  if (response.body !== null && !(await sendBody(response.body, outgoing))) return
  // Closing while the client still writes resets the connection, and the answer is lost on its way.
  if (!isReadUp) {
    outgoing.flushHeaders()
    await discardRest(message)
  }
  outgoing.end()
}

/** @returns Whether all of it was sent. */
async function sendBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<boolean> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return true
      if (outgoing.destroyed) break
      if (!outgoing.write(value)) await drained(outgoing)
    }
  } catch {
    // The head is out, so a source that fails can only be told by cutting the answer short.
    outgoing.destroy()
  }
  reader.cancel().catch(() => {})
  return false
}

const drained = (outgoing: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      outgoing.off('drain', end).off('close', end)
      resolve()
    }
    outgoing.on('drain', end).on('close', end)
  })

async function discardRest(message: IncomingMessage): Promise<void> {
  const ended = new AbortController()
  const end = () => ended.abort()
  let left: number = LINGER.bytes
  message.on('data', (chunk: Uint8Array) => {
    left -= chunk.byteLength
    if (left < 0) end()
  })
  for (const event of ['end', 'close', 'error']) message.once(event, end)
  message.resume()
  await sleep(LINGER.ms, undefined, { signal: ended.signal, ref: false }).catch(() => {})
}
