import { type IncomingMessage, request as overHttp, type RequestOptions } from 'node:http'
import { request as overHttps } from 'node:https'

/** A complete answer, not yet believed. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** The answer breaks a rule of ours; the message says which and holds nothing of it. */
export class UnusableAnswer extends Error {}

/**
 * One request and its whole answer. Redirects are not followed, nothing is tried twice, and no byte beyond the limit is
 * kept.
 *
 * @throws what Node throws, or {@link UnusableAnswer}; the connection is then closed.
 */
export function exchange(
  url: URL,
  options: RequestOptions & { readonly body?: string | undefined; readonly maxBytes: number },
): Promise<RawAnswer> {
  const { body, maxBytes, ...requestOptions } = options
  const send = url.protocol === 'https:' ? overHttps : overHttp
  return new Promise((resolve, reject) => {
    let isAnswered = false
    const request = send(url, requestOptions, (response) => {
      isAnswered = true
      readBody(response, maxBytes).then(
        (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }),
        (error) => {
          request.destroy()
          reject(error)
        },
      )
    })
    request.on('error', reject)
    // A switch of protocols ends a request with neither an answer nor an error.
    request.on('close', () => {
      if (!isAnswered) reject(new UnusableAnswer('closed the connection without an answer'))
    })
    request.end(body)
  })
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = response.headers
  // Identity was asked for. What is not decompressed cannot be a bomb.
  if (encoding !== 'identity') throw new UnusableAnswer('answers in a content encoding that was not asked for')
  const tooLarge = () => new UnusableAnswer(`answers with more than ${maxBytes} bytes`)
  if (Number(length) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
