import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { HttpAuthOptions } from './options.ts'

/** Harbor's settings by Harbor's names, as its API shows them or its table `properties` stores them. */
export type HarborSettings = Readonly<Record<string, unknown>>

/** The spellings that Go reads. */
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/**
 * Carries a Harbor configuration over: `http_authproxy_endpoint`, `http_authproxy_tokenreview_endpoint` and the others,
 * with Harbor's defaults. Settings that do not begin with `http_authproxy_` are ignored.
 *
 * @returns Options for `httpAuth`, which checks them further.
 * @throws {ConfigurationError} with every setting that cannot be read, by Harbor's name.
 */
export function readHarborAuthProxySettings(settings: HarborSettings): HttpAuthOptions {
  const problems: ConfigurationProblem[] = []
  const text = (name: string): string => {
    const path = `http_authproxy_${name}`
    const value = Object.hasOwn(settings, path) ? settings[path] : undefined
    if (value === undefined || value === null) return ''
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value).trim()
    problems.push({ path, message: 'must be a text, a number or a boolean' })
    return ''
  }
  const required = (name: string): string => {
    const value = text(name)
    if (value === '') problems.push({ path: `http_authproxy_${name}`, message: 'must not be empty' })
    return value
  }
  const boolean = (name: string, byDefault: boolean): boolean => {
    const value = text(name)
    if (TRUE.has(value)) return true
    if (FALSE.has(value)) return false
    if (value !== '') problems.push({ path: `http_authproxy_${name}`, message: 'must be true or false' })
    return byDefault
  }
  const list = (name: string): string[] =>
    text(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')

  const [endpoint, review] = [required('endpoint'), required('tokenreview_endpoint')]
  const certificate = text('server_certificate')
  const verifies = boolean('verify_cert', true)
  const tls = {
    ...(verifies && certificate !== '' && { ca: certificate }),
    ...(!verifies && { insecureSkipVerify: true }),
  }
  const options: HttpAuthOptions = {
    endpoint,
    tokenReview: { url: review, apiVersion: 'v1beta1' },
    adminUsernames: list('admin_usernames'),
    adminGroups: list('admin_groups'),
    assumeFound: boolean('skip_search', false),
    ...([endpoint, review].some((url) => /^http:/i.test(url)) && { insecureAllowPlaintext: true }),
    ...(Object.keys(tls).length > 0 && { tls }),
  }
  if (problems.length > 0) throw new ConfigurationError('Harbor settings', problems)
  return options
}
