/** The cookie of whoever is signed in. */
export const SESSION_COOKIE = '__Host-lockkeeper'
/** The cookie of logins that are under way at a provider, one id for each tab. */
export const LOGIN_COOKIE = '__Host-lockkeeper-login'
/** The cookie of a person who is about to choose a user name. */
export const WELCOME_COOKIE = '__Host-lockkeeper-welcome'

/**
 * A `Set-Cookie` that no other host can plant and no script can read. `Lax`, because a provider sends the browser back
 * from another site. Browsers take `Secure` cookies from loopback addresses without TLS as well.
 *
 * @param maxAgeSeconds Until the browser closes where absent; 0 removes it.
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-the-__host-prefix | RFC 6265bis: __Host-}
 */
export function cookie(name: string, value: string, maxAgeSeconds?: number): string {
  const life = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${life}`
}

/** A `Set-Cookie` that removes a cookie. */
export const noCookie = (name: string): string => cookie(name, '', 0)

/** The value of a cookie; nothing when there are two of one name, since one of them may have been planted. */
export function cookieValue(headers: Headers, name: string): string | undefined {
  const values = (headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
  return values.length === 1 && values[0] !== '' ? values[0] : undefined
}
