/**
 * On every answer that does not say otherwise. Nothing that is served here is a page, may be framed, sniffed or kept.
 *
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html | OWASP: HTTP headers}
 */
const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['Cache-Control', 'no-store'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
]

const ONE_YEAR = 'max-age=31536000'

/** What {@link withSecurityHeaders} needs to know. */
export interface SecurityHeaderOptions {
  readonly requestId: string
  /** Whether people reach the server by https, so that browsers may be told to stay there. */
  readonly strictTransportSecurity: boolean
}

/** The answer with the security headers it lacks, and without what would name the software. */
export function withSecurityHeaders(response: Response, options: SecurityHeaderOptions): Response {
  try {
    secure(response.headers, options)
    return response
  } catch {
    // The headers of a fetched or a redirecting answer cannot be changed.
    const headers = new Headers(response.headers)
    secure(headers, options)
    return new Response(response.body, { status: response.status, headers })
  }
}

function secure(headers: Headers, { requestId, strictTransportSecurity }: SecurityHeaderOptions): void {
  headers.set('X-Request-Id', requestId)
  for (const [name, value] of SECURITY_HEADERS) if (!headers.has(name)) headers.set(name, value)
  if (strictTransportSecurity) headers.set('Strict-Transport-Security', ONE_YEAR)
  headers.delete('Server')
  headers.delete('X-Powered-By')
}
