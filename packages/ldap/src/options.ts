import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { parseOptions, Secret } from '@lockkeeper/core'
import * as z from 'zod'
import type { LdapListener } from './events.ts'
import { groupOptions } from './group-options.ts'
import { attribute, count, dn, entryDn, filter, scope, section, serverUrls } from './option-values.ts'
import { userDnTemplate } from './user-dn-template.ts'

const text = z.string('must be a non-empty string').min(1, 'must be a non-empty string')
const secret = z.union([z.instanceof(Secret<string>), text.transform((value) => new Secret(value))], {
  error: 'must be a non-empty string',
})

const BIND_HINT = 'must be a distinguished name, user@domain or DOMAIN\\user'

const tls = section({
  /** The authority to trust, PEM; what Node trusts where absent. */
  ca: text.optional(),
  /** A client certificate and its key, PEM, where the directory asks for one. */
  certificate: text.optional(),
  key: secret.optional(),
  /** The name the certificate must be for; the host of the URL where absent. */
  serverName: text.optional(),
  minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  /** Accepts any certificate: whoever sits between here and the directory reads every password. */
  insecureSkipVerify: z.boolean().default(false),
})

const options = section({
  /** Names a second instance: `emea` makes the mode `ldap_auth/emea`. */
  instance: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, _ and -')
    .optional(),
  /** The servers to ask, in order; a later one only while those before it are down. */
  url: serverUrls,
  startTls: z.boolean().default(false),
  /** Sends passwords in clear over `ldap://`. */
  insecureAllowPlaintext: z.boolean().default(false),
  tls: tls.prefault({}),
  /** Where people are searched. */
  baseDn: dn.optional(),
  scope: scope.default('sub'),
  /** Who may log in, beside having the name: `(memberOf=cn=staff,ou=groups,dc=example,dc=com)`. */
  filter: filter.optional(),
  /** What people type, and the user name they get. */
  usernameAttribute: attribute.default('uid'),
  /** The search account. Without it the directory is searched anonymously. */
  bindDn: z
    .string(BIND_HINT)
    .regex(/[=@\\]/, BIND_HINT)
    .optional(),
  bindPassword: secret.optional(),
  /** Binds people directly, without a search account: `uid={username},ou=people,dc=example,dc=com`. */
  userDnTemplate: userDnTemplate.optional(),
  attributes: section({
    /** Never changes for an entry, whatever it is renamed to; `auto` takes objectGUID, nsUniqueId or entryUUID. */
    id: z.union([z.literal('auto'), attribute]).default('auto'),
    email: attribute.default('mail'),
    /** `cn` where an entry has none. */
    displayName: attribute.default('displayName'),
    /** Lists the groups of a person by their distinguished names. */
    memberOf: attribute.default('memberOf'),
  }).prefault({}),
  groups: groupOptions.prefault({ from: 'memberOf' }),
  /** Its members are administrators. */
  adminGroupDn: entryDn.optional(),
  timeouts: section({
    connectMs: count(1, 60_000).default(3_000),
    operationMs: count(1, 60_000).default(5_000),
    loginMs: count(1, 120_000).default(10_000),
  }).prefault({}),
  pool: section({
    /** Connections of the search account. */
    maxSearch: count(1, 256).default(8),
    /** Connections that verify a password, each for one password. */
    maxVerify: count(1, 1024).default(16),
    /** Logins that wait for either. */
    maxWaiting: count(0, 100_000).default(256),
    /** How long a connection may stay unused. */
    idleMs: count(1, 3_600_000).default(60_000),
  }).prefault({}),
  /** What accounts are tied to beside their id; the mode where absent. Changing it makes everybody somebody new. */
  issuer: text.max(255).optional(),
  /** Told what an operator should know. */
  onEvent: z
    .custom<LdapListener>((value) => typeof value === 'function', { error: 'must be a function', abort: false })
    .optional(),
})

/** The rules between options. A value that broke a rule of its own is `undefined` here. */
const checked = options.superRefine(
  (value, context) => {
    const problem = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    const servers = Array.isArray(value.url) ? value.url : []
    const clear = servers.filter(({ secure }) => secure === false)
    if (clear.length > 0 && !value.startTls && !value.insecureAllowPlaintext) {
      problem('url', 'sends passwords in clear; use ldaps://, startTls: true, or insecureAllowPlaintext: true')
    }
    if (value.startTls && clear.length < servers.length) {
      problem('startTls', 'is for ldap:// alone; ldaps:// does TLS from the first byte')
    }
    if ((value.bindDn === undefined) !== (value.bindPassword === undefined)) {
      problem('bindPassword', 'goes with bindDn: give both, or neither to search anonymously')
    }
    if (value.userDnTemplate !== undefined && value.bindDn !== undefined) {
      problem('userDnTemplate', 'binds people directly and has no use for bindDn; give one of them')
    }
    if (value.userDnTemplate === undefined && value.baseDn === undefined) {
      problem('baseDn', 'must say where people are searched, such as ou=people,dc=example,dc=com')
    }
    if (value.groups?.from === 'search' && value.groups.baseDn === undefined && value.baseDn === undefined) {
      problem('groups', 'must have baseDn to search groups there')
    }
    if (value.groups?.from === 'search' && value.groups.nested && value.groups.memberIs === 'username') {
      problem('groups', 'cannot be nested where members are user names: groups have none')
    }
    if ((value.tls?.certificate === undefined) !== (value.tls?.key === undefined)) {
      problem('tls', 'must have both certificate and key, or neither')
    }
  },
  { when: () => true },
)

const NO_CERTIFICATE = 'must be a certificate itself, PEM; in lockkeeper.yaml the path of one is written { file: path }'

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== ''
  } catch {
    return false
  }
}

const schema = checked.transform(({ tls: { ca, certificate, key, minVersion, ...checks }, ...rest }, context) => {
  const mode = rest.instance === undefined ? 'ldap_auth' : `ldap_auth/${rest.instance}`
  let secureContext: SecureContext
  try {
    // A context takes what is no certificate for none at all, and then trusts nobody.
    for (const [path, pem] of Object.entries({ ca, certificate })) {
      if (pem === undefined || isCertificate(pem)) continue
      context.addIssue({ code: 'custom', path: ['tls', path], message: NO_CERTIFICATE })
      return z.NEVER
    }
    secureContext = createSecureContext({
      minVersion,
      ...(ca && { ca }),
      ...(certificate && { cert: certificate }),
      ...(key && { key: key.reveal() }),
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    context.addIssue({
      code: 'custom',
      path: ['tls'],
      message: `has a certificate and a key that cannot be used: ${why}`,
    })
    return z.NEVER
  }
  const servers = rest.url.map(({ host, port, secure }) => {
    const plain = rest.startTls ? ('starttls' as const) : ('none' as const)
    return { host, port, security: secure ? ('tls' as const) : plain }
  })
  return { ...rest, mode, issuer: rest.issuer ?? mode, servers, tls: { context: secureContext, ...checks } }
})

/** What the caller of `ldapAuth` writes. */
export type LdapAuthOptions = z.input<typeof schema>
/** What the code runs on: defaults filled in, rules checked, files read. */
export type LdapAuthSettings = z.output<typeof schema>

/** @throws {ConfigurationError} with every problem found. */
export function parseLdapAuthOptions(value: LdapAuthOptions): LdapAuthSettings {
  const instance = typeof value === 'object' ? value?.instance : undefined
  return parseOptions(instance === undefined ? 'ldap_auth' : `ldap_auth/${instance}`, schema, value)
}
