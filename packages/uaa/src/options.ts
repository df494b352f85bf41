import { backendUrlProblem, parseOptions, Secret, unknownKeys } from '@lockkeeper/core'
import * as z from 'zod'

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, { error: unknownKeys(shape) })
const text = z.string('must be a non-empty string').min(1, 'must be a non-empty string')
const secret = z.union([z.instanceof(Secret<string>), text.transform((value) => new Secret(value))], {
  error: 'must be a non-empty string',
})
const count = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`
  return z.int(message).min(least, message).max(most, message)
}

const tls = section({
  /** The authority to trust, PEM; those that Node trusts where absent. */
  ca: text.exactOptional(),
  /** A client certificate and its key, PEM, where something before UAA asks for one. */
  certificate: text.exactOptional(),
  key: secret.exactOptional(),
  /** The name the certificate must be for; the host of the URL where absent. */
  serverName: text.exactOptional(),
  /** Accepts any certificate: whoever sits between here and UAA reads every password. */
  insecureSkipVerify: z.boolean().default(false),
})

const options = section({
  /** Names a second instance: `emea` makes the mode `uaa_auth/emea`. */
  instance: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, _ and -')
    .exactOptional(),
  /** Where UAA is, with its path if it has one: `https://uaa.example.com`, `https://example.com/uaa`. */
  url: text,
  /** A client of UAA made for this server, with the grants `password` and `client_credentials`. */
  clientId: text,
  clientSecret: secret,
  /** The identity provider within UAA that people belong to, such as `uaa` or `ldap`; UAA chooses where absent. */
  origin: text.exactOptional(),
  /** Which of the scopes that UAA grants are groups: exact names, or beginnings followed by `*`. */
  groups: z.array(z.string().regex(/^(?:[^*]+\*?|\*)$/, 'must be a scope, or its beginning and *')).default(['*']),
  /** Whoever UAA grants this scope is an administrator for as long as it does. */
  adminScope: text.exactOptional(),
  /** What accounts are tied to beside their id; the mode where absent. Changing it makes everybody somebody new. */
  issuer: text.max(255).exactOptional(),
  /** Sends passwords in clear over `http://`. */
  insecureAllowPlaintext: z.boolean().default(false),
  tls: tls.prefault({}),
  /** Longest time for one answer of UAA, in milliseconds; a login takes two. */
  timeoutMs: count(50, 60_000).default(4_000),
  /** Questions to UAA at once. */
  maxConcurrent: count(1, 1_024).default(16),
  /** Questions that wait for one of those; further ones fail at once. */
  maxQueued: count(0, 100_000).default(64),
})

/** The rule between two options, also beside other problems, so that all are listed at once. */
const schema = options.superRefine(
  ({ url, insecureAllowPlaintext }, context) => {
    const wrong = typeof url === 'string' ? backendUrlProblem(url, insecureAllowPlaintext) : undefined
    if (wrong !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: wrong })
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
)

/** What the caller of `uaaAuth` writes. */
export type UaaAuthOptions = z.input<typeof schema>

/** What the code runs on. */
export type UaaAuthSettings = z.output<typeof schema> & { readonly mode: string; readonly issuer: string }

/** @throws {ConfigurationError} with every problem found. */
export function parseUaaAuthOptions(options: UaaAuthOptions): UaaAuthSettings {
  const settings = parseOptions('uaa_auth', schema, options)
  const mode = settings.instance === undefined ? 'uaa_auth' : `uaa_auth/${settings.instance}`
  return { ...settings, mode, issuer: settings.issuer ?? mode }
}
