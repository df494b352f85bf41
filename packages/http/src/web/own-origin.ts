import { RequestError } from '../request-error.ts'

/**
 * Refuses a request that changes something unless the browser says that a page of ours made it. Without this, any page
 * could sign people out, or in as somebody else, or make secrets in their name.
 *
 * Pages are served with `no-referrer`, for which browsers send `Origin: null` with forms of our own; then, and only
 * then, `Sec-Fetch-Site` stands alone.
 *
 * @param ownOrigin `https://auth.example.com`, from configuration, whatever `Host` says.
 * @throws {RequestError} 400.
 * @see {@link https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header | Fetch metadata: Sec-Fetch-Site}
 */
export function requireOwnOrigin(headers: Headers, ownOrigin: string): void {
  if (!isFromOwnOrigin(headers, ownOrigin)) throw foreign()
}

/** Whether the browser says that a page of ours made this request. What says nothing is no browser, or an old one. */
export function isFromOwnOrigin(headers: Headers, ownOrigin: string): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin') return false
  if (origin === null || origin === 'null') return site === 'same-origin'
  return origin === ownOrigin
}

const foreign = (): RequestError =>
  new RequestError({
    status: 400,
    code: 'DENIED',
    message: 'this request did not come from a page of this server; open the page here and try again',
    reason: 'foreign_origin',
  })
