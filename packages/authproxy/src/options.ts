import { isIP } from 'node:net'
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
const list = z.array(text).default([])

/** Headers that mean something else, or that others write. */
const TAKEN = new Set(['authorization', 'cookie', 'host', 'forwarded', 'x-forwarded-for', 'content-length', 'origin'])
const HEADER = 'must be the name of a header in letters, digits and -'
const header = z
  .string(HEADER)
  .regex(/^[A-Za-z0-9-]{1,64}$/, HEADER)
  .transform((name) => name.toLowerCase())
  .refine((name) => !TAKEN.has(name), 'is a header that others write')

const tls = section({
  /** The certificate of the proxy, or the authority to trust, PEM; the authorities that Node trusts where absent. */
  ca: text.exactOptional(),
  /** A client certificate and its key, PEM, where the proxy asks for one. */
  certificate: text.exactOptional(),
  key: secret.exactOptional(),
  /** The name the certificate must be for; the host of the URL where absent. */
  serverName: text.exactOptional(),
  /** Accepts any certificate: whoever sits between here and the proxy reads every password. */
  insecureSkipVerify: z.boolean().default(false),
})

const tokenReview = section({
  /** Where token reviews are made. */
  url: text,
  /** The version of `authentication.k8s.io` that the endpoint speaks. */
  apiVersion: z.enum(['v1', 'v1beta1']).default('v1'),
  /** The bearer token shown to the endpoint; the reviewed token itself where absent. */
  token: secret.exactOptional(),
  /** Tokens must be meant for one of these. */
  audiences: z.array(text).min(1).exactOptional(),
})

const trustedHeaders = section({
  /** Proxies whose headers count: addresses, networks such as `10.0.0.0/8`, and `unix` for a socket without addresses. */
  peers: z.array(z.string().refine(isPeer, 'must be an address, a network such as 10.0.0.0/8, or unix')).min(1),
  /** The header that names the person. */
  username: header,
  groups: header.exactOptional(),
  /** Stands between two groups. With a comma, a header that was sent twice cannot be told from a list. */
  groupSeparator: z.string().length(1).default('|'),
  email: header.exactOptional(),
  displayName: header.exactOptional(),
})

/** So that all problems are listed at once. */
const ALSO_WITH_OTHER_PROBLEMS = {
  when: ({ value }: { readonly value: unknown }) => typeof value === 'object' && value !== null,
}

const schema = section({
  /** Names a second instance: `emea` makes the mode `http_auth/emea`. */
  instance: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, _ and -')
    .exactOptional(),
  /** Takes a name and a password by Basic, and answers with `{"session_id": "..."}`. */
  endpoint: text.exactOptional(),
  tokenReview: tokenReview.exactOptional(),
  /** What a name begins with that comes with a token: `tokenreview$`, and `tokenreview-emea$` for the instance `emea`. */
  tokenPrefix: z
    .string()
    .regex(/^[a-z0-9_-]{1,32}\$$/, 'must be lower-case letters, digits, _ and -, and $ at the end')
    .exactOptional(),
  /** Sends browsers to the proxy and takes them back with a token. */
  browserLogin: section({
    /** The page of the proxy that signs people in. */
    url: text,
    /** What people call it; the button says it. The page's host by default. */
    name: text.max(64).exactOptional(),
  }).exactOptional(),
  trustedHeaders: trustedHeaders.exactOptional(),
  adminUsernames: list,
  adminGroups: list,
  /** What makes a person the same one at the next login. `uid` survives renames, where the proxy has one. */
  subject: z.enum(['username', 'uid']).default('username'),
  /** Whether every name and group is taken to exist when it is searched for administration. */
  assumeFound: z.boolean().default(false),
  /** What accounts are tied to beside that; the mode where absent. Changing it makes everybody somebody new. */
  issuer: text.max(255).exactOptional(),
  /** Sends passwords and tokens in clear over `http://`. */
  insecureAllowPlaintext: z.boolean().default(false),
  tls: tls.prefault({}),
  /** Longest time for one answer of the proxy, in milliseconds; a login takes two. */
  timeoutMs: count(50, 60_000).default(4_000),
  /** Questions to each endpoint at once. */
  maxConcurrent: count(1, 1_024).default(16),
  /** Questions that wait for one of those; further ones fail at once. */
  maxQueued: count(0, 100_000).default(64),
}).superRefine((value, context) => {
  const problem = (path: string, message: string) => {
    context.addIssue({ code: 'custom', path: path.split('.'), message })
  }
  const { endpoint, tokenReview, browserLogin, trustedHeaders, subject, assumeFound, insecureAllowPlaintext } = value
  const urls = { endpoint, 'tokenReview.url': tokenReview?.url, 'browserLogin.url': browserLogin?.url }
  for (const [path, url] of Object.entries(urls)) {
    const wrong = typeof url === 'string' ? backendUrlProblem(url, insecureAllowPlaintext) : undefined
    if (wrong !== undefined) problem(path, wrong)
  }
  if (tokenReview === undefined) {
    if (endpoint !== undefined) problem('endpoint', 'needs tokenReview, which says who a session belongs to')
    if (browserLogin !== undefined) problem('browserLogin', 'needs tokenReview, which says who a token belongs to')
    if (trustedHeaders === undefined) problem('tokenReview', 'must be set, or trustedHeaders')
  }
  if (subject === 'uid' && assumeFound) problem('assumeFound', 'cannot be with subject uid, which no search tells')
  if (subject === 'uid' && trustedHeaders !== undefined) {
    problem('subject', 'must be username, since no header carries the uid')
  }
}, ALSO_WITH_OTHER_PROBLEMS)

/** What the caller of `httpAuth` writes. */
export type HttpAuthOptions = z.input<typeof schema>

/** What the code runs on. */
export type HttpAuthSettings = z.output<typeof schema> & {
  readonly mode: string
  readonly issuer: string
  readonly tokenPrefix: string
}

/** @throws {ConfigurationError} with every problem found. */
export function parseHttpAuthOptions(options: HttpAuthOptions): HttpAuthSettings {
  const settings = parseOptions('http_auth', schema, options)
  const { instance } = settings
  const mode = instance === undefined ? 'http_auth' : `http_auth/${instance}`
  // Were it the same for two instances, the first would take the tokens of the other and refuse them.
  const prefix = instance === undefined ? 'tokenreview$' : `tokenreview-${instance}$`
  return { ...settings, mode, issuer: settings.issuer ?? mode, tokenPrefix: settings.tokenPrefix ?? prefix }
}

function isPeer(entry: string): boolean {
  const [address = '', bits, ...rest] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return entry === 'unix'
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
