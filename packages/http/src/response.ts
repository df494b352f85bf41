/** What {@link textResponse} takes. */
export interface TextResponseOptions {
  readonly status?: number
  /** JSON by default. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer whose length is known, so that no adapter needs chunks for it. */
export function textResponse(body: string, options: TextResponseOptions = {}): Response {
  const headers = new Headers(options.headers)
  headers.set('Content-Type', options.contentType ?? 'application/json; charset=utf-8')
  headers.set('Content-Length', String(Buffer.byteLength(body)))
  return new Response(body, { status: options.status ?? 200, headers })
}
