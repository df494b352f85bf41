import { textResponse } from '../response.ts'
import type { Html } from './html.ts'

/**
 * Pages run no script at all, come from here alone and are sent nowhere else. A redirect after a form counts as sending
 * it, so forms never lead to a provider; links do.
 *
 * @see {@link https://www.w3.org/TR/CSP3/ | Content Security Policy level 3}
 */
const POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/** What goes with a page. */
export interface PageOptions {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
}

/** Answers with a page. */
export function pageResponse(page: Html, { status = 200, headers = {}, cookies = [] }: PageOptions = {}): Response {
  return withCookies(
    textResponse(String(page), {
      status,
      contentType: 'text/html; charset=utf-8',
      headers: {
        ...headers,
        'Content-Security-Policy': POLICY,
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      },
    }),
    cookies,
  )
}

/** Sends a browser on, with GET whatever it came with. */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  return withCookies(
    new Response(null, { status: 303, headers: { Location: location, 'Content-Length': '0' } }),
    cookies,
  )
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const each of cookies) response.headers.append('Set-Cookie', each)
  return response
}
