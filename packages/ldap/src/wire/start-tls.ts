import type { Socket } from 'node:net'
import { OPERATION, readAnswer, sizeOfMessage } from './answer.ts'
import { malformed, TAG, writeElement } from './ber.ts'
import { WireError } from './wire-error.ts'

const START_TLS = '1.3.6.1.4.1.1466.20037'
const REQUEST_NAME = 0x80
const ID = 1
/** The answer is a code and a short text. */
const LONGEST_ANSWER = 4096

/** The request, and nothing after it. */
export const START_TLS_REQUEST: Buffer = writeElement(
  TAG.sequence,
  writeElement(TAG.integer, Buffer.from([ID])),
  writeElement(OPERATION.extendedRequest, writeElement(REQUEST_NAME, Buffer.from(START_TLS))),
)

/**
 * Asks for TLS on a socket that has said nothing yet. Exactly one answer may come back, and not one byte beyond it: what
 * arrives before the handshake was sent by nobody who can be trusted.
 *
 * @returns When the directory agreed and the socket is silent, ready for the handshake.
 * @throws {WireError} otherwise; the socket is then of no use.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4511#section-4.14 | RFC 4511 section 4.14}
 */
export function agreeOnTls(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let received = Buffer.alloc(0)
  const onData = (chunk: Buffer): void => {
    try {
      received = Buffer.concat([received, chunk])
      const size = sizeOfMessage(received)
      if (size !== undefined && size > LONGEST_ANSWER) throw malformed('an answer to StartTLS without end')
      if (size === undefined || received.length < size) return
      socket.pause()
      // A reader of one message would refuse it, too; this says what it is.
      if (received.length > size) throw malformed('bytes before the TLS handshake')
      checkAnswer(received)
      resolve()
    } catch (error) {
      reject(error)
    }
  }
  const onEnd = (error?: unknown): void => {
    const cause = error instanceof Error ? error : undefined
    reject(new WireError('lost', 'the connection ended during StartTLS; is this the port of ldaps://?', { cause }))
  }
  socket.on('data', onData).once('error', onEnd).once('close', onEnd)
  socket.write(START_TLS_REQUEST)
  return promise.finally(() => socket.off('data', onData).off('error', onEnd).off('close', onEnd))
}

function checkAnswer(message: Buffer): void {
  const { id, operation, resultCode, diagnostic, responseName } = readAnswer(message)
  if (operation !== OPERATION.extendedResponse) throw malformed('another answer than the one to StartTLS')
  if (id === 0) throw new WireError('lost', `the directory ended the connection: ${diagnostic}`)
  if (id !== ID) throw malformed('an answer to what was not asked')
  if (responseName !== undefined && responseName !== START_TLS) throw malformed('an answer to another operation')
  if (resultCode !== 0) {
    throw new WireError('starttls_refused', `the directory refuses StartTLS (code ${resultCode}) ${diagnostic}`.trim())
  }
}
