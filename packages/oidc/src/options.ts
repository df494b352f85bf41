import { parseOptions, Secret, unknownKeys } from '@lockkeeper/core'
import * as z from 'zod'

const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Parameters of the authorization request that are ours to set. */
const RESERVED = new Set([
  'client_id',
  'client_secret',
  'code_challenge',
  'code_challenge_method',
  'max_age',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'scope',
  'state',
])

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, { error: unknownKeys(shape) })
const text = z.string('must be a non-empty string').min(1, 'must be a non-empty string')
const secret = z.union([z.instanceof(Secret<string>), text.transform((value) => new Secret(value))], {
  error: 'must be a non-empty string',
})
const list = <T extends z.ZodType>(item: T) =>
  z.union([z.array(item), item.transform((one) => [one])], { error: 'must be a text or a list of texts' }) as z.ZodType<
    z.output<T>[],
    z.input<T> | z.input<T>[]
  >

const options = section({
  /** The provider, spelled exactly as its discovery document and its tokens spell it. */
  issuer: z.url('must be an absolute URL').refine((url) => !/[?#]/.test(url), 'must have neither query nor fragment'),
  clientId: text,
  /** Absent for a public client, which PKCE alone protects. */
  clientSecret: secret.exactOptional(),
  /** How the secret is sent to the token endpoint. */
  clientAuthentication: z.enum(['basic', 'post']).default('basic'),
  /** Makes the mode `oidc_auth/<instance>`, for several providers side by side. */
  instance: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _')
    .exactOptional(),
  /** What people call the provider; the button says it. The issuer's host by default. */
  name: text.max(64).exactOptional(),
  /** Must contain `openid`; `offline_access` asks for a refresh token. */
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be one scope without blanks'))
    .refine((scopes) => scopes.includes('openid'), 'must contain openid')
    .default(['openid', 'profile', 'email']),
  usernameClaim: text.default('preferred_username'),
  emailClaim: text.default('email'),
  groupsClaim: text.exactOptional(),
  /** A member of this group is an administrator for as long as the provider says so. */
  adminGroup: text.exactOptional(),
  /** Which groups are taken over; `*` stands for any text. All of them by default. */
  groupFilter: list(text.max(256)).exactOptional(),
  onboarding: z.enum(['automatic', 'ask']).default('automatic'),
  /** Further parameters of the authorization request, such as `prompt`. */
  extraParameters: z
    .record(
      z.string().refine((name) => !RESERVED.has(name)),
      z.string(),
      { error: ({ code }) => (code === 'invalid_key' ? 'is set by Lockkeeper' : 'must be a section of texts') },
    )
    .default({}),
  /** Signature algorithms of ID tokens and logout tokens; nothing symmetric. */
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).default(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']),
  /** Other values that may stand in `aud` beside the client id. */
  trustedAudiences: z.array(text).default([]),
  clockSkewSeconds: z.int().min(0).max(60).default(30),
  /** Ask the provider for a login that is at most so old, in seconds, and check that it is. */
  maxAuthAgeSeconds: z.int().min(0).exactOptional(),
  /** Whether ID tokens are taken as bearer tokens at all. */
  bearerTokens: z.boolean().default(true),
  /** How old an ID token may be that is presented as a bearer token, in seconds. */
  bearerMaxAgeSeconds: z.int().min(60).max(3600).default(600),
  /** Whether the userinfo endpoint is asked for claims, where the provider has one. */
  userInfo: z.boolean().default(true),
  /** Authorities (PEM) to trust instead of the system's. */
  tls: section({ ca: list(text) }).exactOptional(),
  /** Longest time for one answer of the provider, in milliseconds. */
  timeoutMs: z.int().min(50).max(30_000).default(4000),
  /** Age from which discovery document and keys are fetched again in the background, in seconds. */
  refreshAfterSeconds: z.int().min(60).max(86_400).default(600),
  /** Sends the ID token to the provider's sign-out page, in a URL: some providers then ask no question. */
  insecureIdTokenInUrl: z.boolean().default(false),
  /** Talks to a provider on this machine without TLS; any other host is refused all the same. */
  insecureAllowPlaintext: z.boolean().default(false),
})

/** The rules between options, also beside other problems, so that all are listed at once. */
const schema = options.superRefine(
  ({ issuer, insecureAllowPlaintext, adminGroup, groupFilter, groupsClaim }, context) => {
    if (typeof issuer === 'string' && URL.canParse(issuer) && !isSafeUrl(issuer, insecureAllowPlaintext)) {
      const message = 'must be an https URL (http only on loopback, with insecureAllowPlaintext)'
      context.addIssue({ code: 'custom', path: ['issuer'], message })
    }
    if (groupsClaim === undefined && (adminGroup ?? groupFilter) !== undefined) {
      const message = 'must name the claim that adminGroup and groupFilter read'
      context.addIssue({ code: 'custom', path: ['groupsClaim'], message })
    }
  },
  { when: ({ value }) => typeof value === 'object' && value !== null },
)

/** What the caller of `oidcAuth` writes. */
export type OidcAuthOptions = z.input<typeof schema>

/** What the code runs on. */
export type OidcAuthSettings = z.output<typeof schema> & { readonly mode: string }

/** Checks options and fills in defaults. */
export function parseOidcAuthOptions(value: OidcAuthOptions): OidcAuthSettings {
  const settings = parseOptions('oidc_auth', schema, value)
  return { ...settings, mode: settings.instance === undefined ? 'oidc_auth' : `oidc_auth/${settings.instance}` }
}

/** Whether we talk to a URL: TLS, or plain HTTP on this machine when that was allowed. */
export function isSafeUrl(url: string, insecureAllowPlaintext: boolean): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && insecureAllowPlaintext && LOOPBACK.has(hostname))
}
