import * as z from 'zod'
import { lockoutSection } from './lockout.ts'
import { section } from './section.ts'

const text = z.string().min(1, 'must be a non-empty text')

const listen = z
  .string()
  .regex(/^(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/i, {
    error: 'must look like 127.0.0.1:8080 or [::1]:8080',
    abort: true,
  })
  .refine((address) => Number(address.slice(address.lastIndexOf(':') + 1)) <= 65_535, 'must have a port up to 65535')

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an absolute http or https URL' })
  .refine((url) => !/[?#]/.test(url), 'must have no query and no fragment')
  .transform((url) => url.replace(/\/+$/, ''))

const mode = z.string().regex(/^[a-z][a-z0-9_]*(\/[a-z0-9][a-z0-9_-]*)?$/, 'must look like ldap_auth or ldap_auth/emea')

const seconds = (least: number, most: number) => z.int().min(least).max(most)

const service = section({
  algorithm: z.enum(['ES256', 'RS256']).default('ES256').describe('How tokens are signed.'),
  headerStyle: z
    .enum(['x5c', 'kid-libtrust', 'kid-thumbprint', 'kid-custom'])
    .default('x5c')
    .describe('How a token says which key signed it: by a certificate chain, or by one of three forms of a key id.'),
  keyId: text.max(256).optional().describe('The key id of the style kid-custom.'),
  expiresInSeconds: seconds(60, 900).default(300).describe('Life of a token that cannot push.'),
  pushExpiresInSeconds: seconds(60, 3600)
    .optional()
    .describe('Life of a token that can push, for layers that take long to upload.'),
})

const auth = z
  .object({
    modes: z
      .array(mode)
      .min(1, 'must name at least one mode')
      .default(['db_auth'])
      .describe('The modes to ask, in order; the first that knows a name owns it.'),
    plugins: z
      .array(text)
      .default([])
      .describe('Modules that export authMode, a factory from options to an Authenticator; relative to this file.'),
    db_auth: z
      .looseObject({ upgradeOnLogin: z.boolean().optional() })
      .prefault({})
      .describe('Local passwords: hashing, harborVersion, sharedWithHarbor, upgradeOnLogin, concurrency, queue.'),
  })
  // What else stands here are the sections of other modes; that each belongs to one is checked where they are built.
  .catchall(
    z
      .unknown()
      .describe('Options of the mode. A text in them may be { file: path }, relative to this file, or { env: NAME }.'),
  )

/** The whole of `lockkeeper.yaml`. Every key has a default, so an empty file is the embedded default. */
export const configurationSchema = section({
  listen: listen.default('127.0.0.1:8080').describe('Address and port.'),
  externalUrl: httpUrl
    .optional()
    .describe('What clients reach this server by; the realm of every challenge. The listen address where unset.'),
  database: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'client (better-sqlite3, pg, mysql2) and connection; SQLite in the data folder where unset. A text may be { file } or { env }.',
    ),
  auth: auth.prefault({}),
  lockout: lockoutSection.prefault({}),
  tokens: section({
    issuer: text.max(255).default('lockkeeper').describe('The iss claim; registries compare it letter by letter.'),
    keys: text
      .optional()
      .describe('Folder of the signing keys, relative to this file; in the data folder where unset.'),
    services: z
      .record(text.max(255), service.prefault({}))
      .default({ registry: service.parse({}) })
      .refine((services) => Object.keys(services).length > 0, 'must name at least one service')
      .describe('The registries that tokens are made for, by the name their configuration calls service.'),
  }).prefault({}),
  http: section({
    trustedProxies: z
      .array(text)
      .default([])
      .describe('Proxies whose X-Forwarded-For is believed: addresses or networks such as 10.0.0.0/8.'),
    hosts: z.array(text).default([]).describe('Values of Host that are answered; all where empty.'),
  }).prefault({}),
  web: section({
    enabled: z.boolean().default(true).describe('Pages for people: sign-in, profile, CLI secrets, sessions.'),
    sessionIdleSeconds: seconds(60, 86_400).default(3600).describe('A session ends when it is unused for so long.'),
    sessionSeconds: seconds(60, 2_592_000).default(43_200).describe('A session ends so long after the login.'),
    checkProviderEverySeconds: seconds(10, 86_400)
      .default(300)
      .describe('How old the word of a provider may be when a CLI secret is used.'),
    providerGraceSeconds: seconds(0, 604_800)
      .default(0)
      .describe('How long CLI secrets work while their provider cannot be asked.'),
    registryHost: text.optional().describe('What the pages tell people to docker login to; our own host where unset.'),
    sealingKeys: text
      .optional()
      .describe('File of the keys that seal tokens of providers in the database; made in the data folder where unset.'),
  }).prefault({}),
  log: section({
    level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('The least that is logged.'),
  }).prefault({}),
})

/** What the operator writes. */
export type Configuration = z.input<typeof configurationSchema>
/** What the server runs on: defaults filled in. */
export type Settings = z.output<typeof configurationSchema>
