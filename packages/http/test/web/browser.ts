import type { Handler } from '../../src/index.ts'

/** What a browser sends with a form of our own page. */
const OWN_PAGE = { 'sec-fetch-site': 'same-origin', origin: 'null' }

/** As much of a browser as these tests need: it keeps cookies, and stops at redirects. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #handler: Handler
  readonly #origin: string

  constructor(handler: Handler, origin: string) {
    this.#handler = handler
    this.#origin = origin
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#send(path, { headers })
  }

  post(
    path: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = OWN_PAGE,
  ): Promise<Response> {
    const body = new URLSearchParams(fields).toString()
    return this.#send(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  }

  /** A second browser with the same cookies, as whoever steals them has. */
  copy(): Browser {
    const copy = new Browser(this.#handler, this.#origin)
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    return copy
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.cookies.size > 0) headers.set('cookie', [...this.cookies].map((pair) => pair.join('=')).join('; '))
    const request = new Request(new URL(path, this.#origin), { ...init, headers })
    const response = await this.#handler(request, { peer: '192.0.2.7', tls: true })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/Max-Age=0/.test(cookie)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }
}

/** Where an answer sends the browser. */
export const locationOf = (response: Response): string | null => response.headers.get('location')
