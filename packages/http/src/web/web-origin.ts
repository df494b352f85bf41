import { ConfigurationError } from '@lockkeeper/core'

/** Where browsers keep `Secure` cookies without TLS. */
const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const OTHERWISE = 'or do without the pages (web.enabled: false in lockkeeper.yaml)'

/**
 * What browsers call this server, `https://auth.example.com`. Pages need the whole host, since that is whom cookies and
 * own-origin proof are for, and TLS everywhere but on the machine itself, since they take passwords.
 *
 * @throws {ConfigurationError} that says what to do about the external URL.
 */
export function webOrigin(externalUrl: string): string {
  const url = URL.parse(externalUrl)
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password
  if (!isWeb || url.search || url.hash) throw problem('must be the https URL of a host')
  if (url.pathname !== '/') {
    throw problem(
      `must have no path: the pages need a host of their own, such as https://auth.example.com; ${OTHERWISE}`,
    )
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw problem(`must be https: without TLS the pages work on this machine alone, as http://localhost; ${OTHERWISE}`)
  }
  return url.origin
}

const problem = (message: string): ConfigurationError =>
  new ConfigurationError('web', [{ path: 'externalUrl', message }])
