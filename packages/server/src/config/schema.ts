import * as z from 'zod'

/** An object that takes no other keys, and names those that it takes. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' && Array.isArray(keys)
        ? `has no ${keys.join(' and no ')}; there are ${Object.keys(shape).join(', ')}`
        : undefined,
  })

const listen = z
  .string()
  .regex(/^(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/i, 'must look like 127.0.0.1:8080 or [::1]:8080')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'must have a port up to 65535')

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an absolute http or https URL' })
  .refine((text) => !/[?#]/.test(text), 'must have no query and no fragment')
  .transform((text) => text.replace(/\/+$/, ''))

const seconds = (least: number, most: number) => z.int().min(least).max(most)

const service = section({
  /** How tokens are signed. */
  algorithm: z.enum(['ES256', 'RS256']).default('ES256'),
  /** How a token says which key signed it: by a certificate chain, or by one of three forms of a key id. */
  headerStyle: z.enum(['x5c', 'kid-libtrust', 'kid-thumbprint', 'kid-custom']).default('x5c'),
  /** The key id of the style `kid-custom`. */
  keyId: z.string().min(1).max(256).optional(),
  /** Life of a token in seconds; 300 unless told. */
  expiresInSeconds: seconds(60, 900).default(300),
  /** Life of a token that grants push, in seconds, for layers that take long to upload. */
  pushExpiresInSeconds: seconds(60, 3600).optional(),
})

const mode = z.string().regex(/^[a-z][a-z0-9_]*(\/[a-z0-9][a-z0-9_-]*)?$/, 'must look like ldap_auth or ldap_auth/emea')

const auth = z
  .object({
    /** The modes to ask, in order; the first that knows a name owns it. */
    modes: z.array(mode).min(1).default(['db_auth']),
    /** Modules that export `authMode`, a factory from options to an `Authenticator`. */
    plugins: z.array(z.string().min(1)).default([]),
    /** Options of `createPasswordHasher`, and whether outdated passwords are hashed anew at login. */
    db_auth: z.looseObject({ upgradeOnLogin: z.boolean().optional() }).prefault({}),
  })
  // What else stands here are the sections of other modes; that each belongs to one is checked where they are built.
  .catchall(z.unknown())

/** The whole of `lockkeeper.yaml`. Every key has a default, so an empty file is the embedded default. */
export const configurationSchema = section({
  listen: listen.default('127.0.0.1:8080'),
  /** What clients reach this server by; the realm of every challenge. The listen address where unset. */
  externalUrl: httpUrl.optional(),
  /** Options of `openDatabase`; SQLite in the data folder where unset. */
  database: z.record(z.string(), z.unknown()).optional(),
  auth: auth.prefault({}),
  lockout: section({
    /** How long a refused login freezes its name and account, in milliseconds; 0 turns the freeze off. */
    freezeMs: z.int().min(0).max(3_600_000).default(1500),
    store: z.enum(['memory']).default('memory'),
  }).prefault({}),
  tokens: section({
    issuer: z.string().min(1).max(255).default('lockkeeper'),
    /** Folder of the signing keys; `keys` in the data folder where unset. */
    keys: z.string().min(1).optional(),
    /** The registries that tokens are made for, by the name their configuration calls `service`. */
    services: z
      .record(z.string().min(1).max(255), service.prefault({}))
      .default({ registry: service.parse({}) })
      .refine((services) => Object.keys(services).length > 0, 'must name at least one service'),
  }).prefault({}),
  http: section({
    /** Proxies whose `X-Forwarded-For` is believed: addresses or networks such as `10.0.0.0/8`. */
    trustedProxies: z.array(z.string().min(1)).default([]),
    /** Values of `Host` that are answered; all where empty. */
    hosts: z.array(z.string().min(1)).default([]),
  }).prefault({}),
  log: section({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
})

/** What the operator writes. */
export type Configuration = z.input<typeof configurationSchema>
/** What the server runs on: defaults filled in. */
export type Settings = z.output<typeof configurationSchema>
/** Settings of one service. */
export type ServiceSettings = Settings['tokens']['services'][string]
