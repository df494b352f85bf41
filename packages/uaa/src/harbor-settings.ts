import { readFileSync } from 'node:fs'
import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { UaaAuthOptions } from './options.ts'

/** Harbor's settings by Harbor's names, as its API shows them or its table `properties` stores them. */
export type HarborSettings = Readonly<Record<string, unknown>>

/** The spellings of no that Go reads; anything else verifies. */
const NO = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])
/** How Harbor marks a secret that it encrypted with a key of its own. */
const ENCRYPTED = '<enc-v1>'

/**
 * Carries a Harbor configuration over: `uaa_endpoint`, `uaa_client_id`, `uaa_client_secret`, `uaa_verify_cert`, and the
 * file that its environment names in `UAA_CA_ROOT`. Other settings are ignored.
 *
 * Certificates are verified unless `uaa_verify_cert` says false; Harbor does not verify them where it is unset.
 *
 * @returns Options for `uaaAuth`, which checks them further.
 * @throws {ConfigurationError} with every setting that cannot be read, by Harbor's name.
 */
export function readHarborUaaSettings(settings: HarborSettings): UaaAuthOptions {
  const problems: ConfigurationProblem[] = []
  const text = (path: string): string => {
    const value = Object.hasOwn(settings, path) ? settings[path] : undefined
    if (value === undefined || value === null) return ''
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value)
    problems.push({ path, message: 'must be a text, a number or a boolean' })
    return ''
  }
  const required = (path: string): string => {
    const value = text(path)
    if (value === '') problems.push({ path, message: 'must not be empty' })
    return value
  }

  const url = withScheme(required('uaa_endpoint').trim())
  const clientSecret = required('uaa_client_secret')
  if (clientSecret.startsWith(ENCRYPTED)) {
    const message = 'is encrypted with a key of Harbor’s; put the secret itself here'
    problems.push({ path: 'uaa_client_secret', message })
  }
  const certificateIn = (path: string): string => {
    const file = text(path)
    if (file === '') return ''
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
      problems.push({ path, message: `names ${file}, which cannot be read (${code})` })
      return ''
    }
  }
  const ca = certificateIn('UAA_CA_ROOT')
  const tls = {
    ...(ca !== '' && { ca }),
    ...(NO.has(text('uaa_verify_cert')) && { insecureSkipVerify: true }),
  }
  const options: UaaAuthOptions = {
    url,
    clientId: required('uaa_client_id'),
    clientSecret,
    ...(url.startsWith('http:') && { insecureAllowPlaintext: true }),
    ...(Object.keys(tls).length > 0 && { tls }),
  }
  if (problems.length > 0) throw new ConfigurationError('Harbor settings', problems)
  return options
}

/** Harbor reads `host` as `https://host`, and drops one slash at the end. */
function withScheme(endpoint: string): string {
  const url = /^https?:\/\//i.test(endpoint) ? endpoint : `https://${endpoint}`
  return url.replace(/^https?/i, (scheme) => scheme.toLowerCase()).replace(/\/$/, '')
}
