/** What a browser keeps between two pages. */
export type Cookies = Map<string, string>

const MAX_STEPS = 20

/**
 * Follows redirects with cookies, as far as they stay at the provider.
 *
 * @param origin The provider's; its pages may be anywhere below.
 * @param answer Posted to the form on the first page that the provider shows.
 * @returns The first URL elsewhere: where the provider sends the browser back to.
 * @throws {Error} when the provider shows a page, or one more, instead of sending the browser on.
 */
export async function walk(
  from: URL,
  origin: string,
  cookies: Cookies = new Map(),
  answer?: URLSearchParams,
): Promise<URL> {
  let at = from
  let form: URLSearchParams | undefined
  let unanswered = answer
  for (let step = 0; step < MAX_STEPS; step++) {
    if (at.origin !== origin) return at
    const response = await visit(at, cookies, form)
    const location = response.headers.get('location')
    if (location !== null) {
      at = new URL(location, at)
      form = undefined
      continue
    }
    const html = await response.text()
    const action = actionOf(html)
    if (unanswered === undefined || action === undefined) {
      throw new Error(`the provider shows a page: ${response.status} ${html}`)
    }
    at = new URL(action, at)
    form = unanswered
    unanswered = undefined
  }
  throw new Error(`the provider sends the browser in circles: ${at.href}`)
}

/** Opens the provider's sign-out page, says yes to its question, and follows where it leads. */
export async function signOut(page: URL, issuer: string, cookies: Cookies): Promise<URL> {
  const html = await (await visit(page, cookies)).text()
  const action = actionOf(html)
  const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(html) ?? []
  if (action === undefined || xsrf === undefined) throw new Error(`the provider asks nothing: ${html}`)
  const answer = await visit(new URL(action, page), cookies, new URLSearchParams({ xsrf, logout: 'yes' }))
  return walk(new URL(answer.headers.get('location') ?? '', page), issuer, cookies)
}

const actionOf = (html: string): string | undefined => /action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')

async function visit(url: URL, cookies: Cookies, form?: URLSearchParams): Promise<Response> {
  const response = await fetch(url, {
    redirect: 'manual',
    headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    ...(form && { method: 'POST', body: form }),
  })
  for (const cookie of response.headers.getSetCookie()) {
    const [name = '', value = ''] = cookie.split(';')[0]?.split(/=(.*)/s) ?? []
    cookies.set(name, value)
  }
  return response
}
