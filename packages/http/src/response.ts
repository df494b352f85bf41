/** What {@link textResponse} takes. */
export interface TextResponseOptions {
  readonly status?: number
  /** JSON by default. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

const texts = new WeakMap<Response, string>()

/** An answer whose length is known, so that no adapter needs chunks for it. */
export function textResponse(body: string, options: TextResponseOptions = {}): Response {
  const headers = new Headers(options.headers)
  headers.set('Content-Type', options.contentType ?? 'application/json; charset=utf-8')
  headers.set('Content-Length', String(Buffer.byteLength(body)))
  const response = new Response(body, { status: options.status ?? 200, headers })
  texts.set(response, body)
  return response
}

/**
 * The whole body of an answer that {@link textResponse} made, for an adapter that would only read it back out of its
 * stream; `undefined` for other answers, and for one that somebody began to read.
 */
export const textOf = (response: Response): string | undefined => (response.bodyUsed ? undefined : texts.get(response))
