import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { LdapAuthOptions } from './options.ts'

/** Harbor's settings by Harbor's names, as its API shows them or its table `properties` stores them. */
export type HarborSettings = Readonly<Record<string, unknown>>

const SCOPES = ['base', 'one', 'sub'] as const
/** The spellings that Go reads. */
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])
/** How Harbor marks a secret that it encrypted with a key of its own. */
const ENCRYPTED = '<enc-v1>'

/**
 * Carries a Harbor configuration over: `ldap_url`, `ldap_base_dn` and the others, with Harbor's defaults. Settings that
 * do not begin with `ldap_` are ignored.
 *
 * What Harbor does without TLS, or without verifying it, is carried over as it is and shows as `insecure…` options.
 * Groups are found by one search instead of one for each group, below the group base DN.
 *
 * @returns Options for `ldapAuth`, which checks them further.
 * @throws {ConfigurationError} with every setting that cannot be read or has no counterpart, by Harbor's name.
 */
export function readHarborLdapSettings(settings: HarborSettings): LdapAuthOptions {
  const reader = new SettingsReader(settings)
  const url = readUrl(reader)
  const bindDn = reader.text('ldap_search_dn')
  const bindPassword = readSecret(reader)
  const filter = wrapped(reader.text('ldap_filter'))
  const adminGroupDn = reader.text('ldap_group_admin_dn').trim()
  const memberOf = reader.text('ldap_group_membership_attribute') || 'memberOf'
  const options: LdapAuthOptions = {
    url,
    ...(url.startsWith('ldap:') && { insecureAllowPlaintext: true }),
    ...(!reader.boolean('ldap_verify_cert', true) && { tls: { insecureSkipVerify: true } }),
    baseDn: reader.required('ldap_base_dn'),
    scope: reader.scope('ldap_scope'),
    ...(filter !== '' && { filter }),
    usernameAttribute: reader.text('ldap_uid') || 'cn',
    ...(bindDn !== '' && { bindDn }),
    ...(bindPassword !== '' && { bindPassword }),
    attributes: { memberOf },
    groups: readGroups(reader, memberOf),
    ...(adminGroupDn !== '' && { adminGroupDn }),
    timeouts: { connectMs: reader.number('ldap_timeout', 5) * 1000 },
  }
  reader.finish()
  return options
}

/** Harbor reads `host`, `ldap://host`, `ldaps://host`, and takes port 636 for ldaps whatever the scheme says. */
function readUrl(reader: SettingsReader): string {
  const text = reader.required('ldap_url').trim()
  const url = text.includes('://') ? text : `ldap://${text}`
  return /^ldap:\/\/[^/]*:636\/?$/i.test(url)
    ? url.replace(/^ldap:/i, 'ldaps:')
    : url.replace(/^ldaps?:/i, (scheme) => scheme.toLowerCase())
}

function readSecret(reader: SettingsReader): string {
  const secret = reader.text('ldap_search_password')
  if (secret.startsWith(ENCRYPTED)) {
    reader.problem('ldap_search_password', 'is encrypted with a key of Harbor’s; put the password itself here')
  }
  return secret
}

function readGroups(reader: SettingsReader, memberOf: string): NonNullable<LdapAuthOptions['groups']> {
  const filter = wrapped(reader.text('ldap_group_search_filter'))
  const baseDn = reader.text('ldap_group_base_dn')
  const nameAttribute = reader.text('ldap_group_attribute_name') || 'cn'
  const scope = reader.scope('ldap_group_search_scope')
  // Without a group filter Harbor attaches no groups.
  if (filter === '') return { from: 'nowhere' }
  if (memberOf.toLowerCase() !== 'memberof') {
    const advice = 'cannot be searched together with ldap_group_search_filter; write the groups option by hand'
    reader.problem('ldap_group_membership_attribute', advice)
  }
  return { from: 'search', ...(baseDn !== '' && { baseDn }), scope, filter, nameAttribute }
}

/** Harbor adds the parentheses that people leave out. */
function wrapped(filter: string): string {
  const trimmed = filter.trim()
  if (trimmed === '' || (trimmed.startsWith('(') && trimmed.endsWith(')'))) return trimmed
  return `(${trimmed})`
}

/** Reads settings one by one and gathers what is wrong with them. */
class SettingsReader {
  readonly #settings: HarborSettings
  readonly #problems: ConfigurationProblem[] = []

  constructor(settings: HarborSettings) {
    this.#settings = settings
  }

  problem(path: string, message: string): void {
    this.#problems.push({ path, message })
  }

  /** @throws {ConfigurationError} when anything was wrong. */
  finish(): void {
    if (this.#problems.length > 0) throw new ConfigurationError('Harbor settings', this.#problems)
  }

  text(key: string): string {
    const value = Object.hasOwn(this.#settings, key) ? this.#settings[key] : undefined
    if (value === undefined || value === null) return ''
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    this.problem(key, 'must be a text, a number or a boolean')
    return ''
  }

  required(key: string): string {
    const value = this.text(key)
    if (value === '') this.problem(key, 'must not be empty')
    return value
  }

  boolean(key: string, byDefault: boolean): boolean {
    const value = this.text(key)
    if (TRUE.has(value)) return true
    if (FALSE.has(value)) return false
    if (value !== '') this.problem(key, 'must be true or false')
    return byDefault
  }

  /** Whole numbers, which Harbor also writes as `5e+00`. */
  number(key: string, byDefault: number): number {
    const value = this.text(key)
    if (value === '') return byDefault
    const number = /^\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?$/i.test(value) ? Number(value) : Number.NaN
    if (Number.isInteger(number)) return number
    this.problem(key, 'must be a whole number')
    return byDefault
  }

  scope(key: string): (typeof SCOPES)[number] {
    const scope = SCOPES[this.number(key, 2)]
    if (scope === undefined) this.problem(key, 'must be 0 (the base), 1 (one level) or 2 (the whole tree)')
    return scope ?? 'sub'
  }
}
