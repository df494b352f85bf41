import type { IncomingMessage } from 'node:http'
import { badRequest, methodNotAllowed, notFound } from '../request-error.ts'
import { headersTooLarge, REQUEST_LIMITS } from '../request-limits.ts'
import type { Connection } from '../route.ts'
import { requestBody } from './request-body.ts'

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
/** `Request` refuses to carry them; none of them is served anywhere. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** Who is on the socket. */
export const connectionOf = ({ socket }: IncomingMessage): Connection => ({
  peer: socket.remoteAddress ?? 'unix',
  tls: 'encrypted' in socket && socket.encrypted === true,
})

/**
 * Makes a `Request` of a message that Node parsed. It is read from the raw header list, since `message.headers` hides a
 * second `Authorization`; and what Node's parser lets pass, but two parties could read in two ways, is refused.
 *
 * @throws {RequestError} 400, 404, 405 or 431 for what cannot become a request.
 * @throws {TypeError} when something in front has read the body already.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-11.2 | RFC 9112 section 11.2}
 */
export function toRequest(message: IncomingMessage): Request {
  const method = message.method ?? ''
  if (message.httpVersion !== '1.1' && message.httpVersion !== '1.0') {
    throw badRequest('use HTTP/1.1', 'http_version')
  }
  const headers = readHeaders(message.rawHeaders)
  checkFraming(message, headers)
  const url = readUrl(message, headers.get('host'))
  if (FORBIDDEN_METHODS.has(method)) throw methodNotAllowed([])
  const body = requestBody(message)
  return new Request(url, { method, headers, ...(body && { body, duplex: 'half' }) })
}

function readHeaders(raw: readonly string[]): Headers {
  if (raw.length / 2 > REQUEST_LIMITS.headerCount) throw headersTooLarge()
  const headers = new Headers()
  try {
    for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at] ?? '', raw[at + 1] ?? '')
  } catch {
    // The error is not passed on: it quotes the value.
    throw badRequest('a header field has a name or value that is not allowed', 'bad_header')
  }
  return headers
}

function checkFraming({ httpVersion }: IncomingMessage, headers: Headers): void {
  const coding = headers.get('transfer-encoding')
  if (coding === null) return
  // Node's parser passes other codings on and fails only later, and in HTTP/1.0 a proxy in front may read past them.
  if (coding.toLowerCase() === 'chunked' && httpVersion === '1.1') return
  throw badRequest('the only Transfer-Encoding is chunked', 'bad_transfer_encoding')
}

function readUrl(message: IncomingMessage, host: string | null): URL {
  const { httpVersion, url: target = '' } = message
  if (host === null ? httpVersion === '1.1' : !HOST.test(host)) throw badRequest('send one valid Host', 'bad_host')
  if (!target.startsWith('/')) throw badRequest('the request target is a path that starts with a slash', 'bad_target')
  const scheme = connectionOf(message).tls ? 'https' : 'http'
  // A path such as `//other.example/x` would replace the host if it were resolved against it, so it is appended.
  const url = URL.parse(`${scheme}://${host ?? 'localhost'}${target}`)
  if (url === null) throw badRequest('send one valid Host', 'bad_host')
  const query = target.indexOf('?')
  // Parsing resolves dots, back slashes and fragments; what is spelled differently afterwards is another address.
  if (url.pathname !== (query < 0 ? target : target.slice(0, query)) || url.hash !== '')
    throw notFound('path_not_canonical')
  return url
}
