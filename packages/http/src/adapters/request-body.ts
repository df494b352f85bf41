import type { IncomingMessage } from 'node:http'

/**
 * The body of a message as a stream; `undefined` when it has none, or its method gives it no meaning.
 *
 * Cancelling the stream throws the rest away but leaves the socket open, so that the refusal can still be answered;
 * `Readable.toWeb` would destroy it.
 *
 * @throws {TypeError} when a body parser in front has read it already: it would look empty, and be answered as another
 * request than was made.
 */
export function requestBody(message: IncomingMessage): ReadableStream<Uint8Array> | undefined {
  if (!hasBody(message) || message.method === 'GET' || message.method === 'HEAD') return undefined
  if (message.readableDidRead) throw new TypeError('the body was read already: mount this handler before body parsers')

  let isWanted = true
  return new ReadableStream<Uint8Array>({
    start(controller) {
      message.on('data', (chunk: Uint8Array) => {
        if (!isWanted) return
        controller.enqueue(chunk)
        message.pause()
      })
      message.once('end', () => isWanted && controller.close())
      message.once('error', (error) => isWanted && controller.error(error))
      message.once('close', () => isWanted && !message.complete && controller.error(new Error('connection closed')))
      message.pause()
    },
    pull() {
      message.resume()
    },
    cancel() {
      isWanted = false
      message.resume()
    },
  })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
