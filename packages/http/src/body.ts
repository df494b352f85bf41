import { badRequest, RequestError } from './request-error.ts'

/**
 * Reads a body to its end, counting while it streams.
 *
 * @param maxBytes The most that is read; one byte more is refused without reading on.
 * @throws {RequestError} 413 when it is too long, 415 when it is compressed, 400 when it breaks off.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') throw compressed()
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (request.body === null) return new Uint8Array()

  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff)
    if (done) return Buffer.concat(chunks, size)
    size += value.byteLength
    if (size > maxBytes) {
      // Nobody waits for the rest: what is left of the stream is for the adapter to throw away.
      reader.cancel().catch(() => {})
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
}

/**
 * Reads a body as UTF-8 text.
 *
 * @throws {RequestError} as {@link readBody} does, and 400 when the bytes are not UTF-8.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const bytes = await readBody(request, maxBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw badRequest('the body is not UTF-8 text', 'body_not_utf8', { cause: error })
  }
}

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError({
    status: 413,
    code: 'UNSUPPORTED',
    message: `the body is longer than the ${maxBytes} bytes that are read here`,
    reason: 'body_too_large',
  })

const compressed = (): RequestError =>
  new RequestError({
    status: 415,
    code: 'UNSUPPORTED',
    message: 'send the body without Content-Encoding',
    reason: 'body_compressed',
  })

function brokenOff(error: unknown): never {
  throw badRequest('the body ended early', 'body_broken_off', { cause: error })
}
