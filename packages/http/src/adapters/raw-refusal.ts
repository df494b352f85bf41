import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { badRequest, methodNotAllowed, RequestError } from '../request-error.ts'
import { headersTooLarge } from '../request-limits.ts'
import { type AdapterOptions, refusalResponse } from './answer.ts'

/**
 * Answers on a bare socket, for what Node's parser refused before there was a message, and closes it.
 *
 * @param error What the parser said.
 */
export async function refuseParsed(error: Error, socket: Duplex, options: AdapterOptions): Promise<void> {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  await refuseOnSocket(refusalOf(code), socket, options)
}

/** 405 for CONNECT, which Node hands over as a socket. */
export const refuseConnect = (socket: Duplex, options: AdapterOptions): Promise<void> =>
  refuseOnSocket(methodNotAllowed([]), socket, options)

async function refuseOnSocket(error: RequestError, socket: Duplex, options: AdapterOptions): Promise<void> {
  // Whoever sends such bytes may also leave without reading what they are told.
  socket.on('error', () => socket.destroy())
  const response = refusalResponse(error, options)
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}`, 'Connection: close']
  for (const [name, value] of response.headers) head.push(`${name}: ${value}`)
  socket.end(`${head.join('\r\n')}\r\n\r\n${await response.text()}`, () => socket.destroy())
}

// The parser's error is not passed on: it holds the raw bytes, and with them whatever credential was among them.
function refusalOf(code: string): RequestError {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge()
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return timedOut()
  return badRequest('this is not a well-formed HTTP/1.1 request', code || 'malformed_http')
}

const timedOut = (): RequestError =>
  new RequestError({
    status: 408,
    code: 'UNSUPPORTED',
    message: 'the request took too long to arrive',
    reason: 'request_timeout',
  })
