import { type Clock, parseOptions } from '@lockkeeper/core'
import * as z from 'zod'
import type { SigningKeys } from '../keys/signing-keys.ts'
import type { AccessFilter } from './access-filter.ts'
import { HEADER_STYLES } from './header-style.ts'
import { plainNames, type RepositoryNames } from './repository-names.ts'

const PULL_MAX_SECONDS = 900
const PUSH_MAX_SECONDS = 3600

const life = (max: number) => z.int().min(60).max(max)
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const isFunction = (value: unknown): boolean => typeof value === 'function'

const serviceSchema = z
  .strictObject({
    /** What tokens for this service are signed with. */
    algorithm: z.enum(['ES256', 'RS256']).default('ES256'),
    /** How tokens say which key signed them. */
    headerStyle: z.enum(HEADER_STYLES).default('x5c'),
    /** The key id of the style `kid-custom`. */
    keyId: z.string().min(1).max(256).optional(),
    /** Life of tokens that cannot push. */
    expiresInSeconds: life(PULL_MAX_SECONDS).default(300),
    /** Life of tokens that can push: the last request of a slow upload must still be in time. */
    pushExpiresInSeconds: life(PUSH_MAX_SECONDS).optional(),
    /** Which repository of which project a name means. */
    names: z.custom<RepositoryNames>(isFunction, 'must be a function').default(() => plainNames),
    /** Filters for further resource types, or in the place of those for `repository` and `registry`. */
    filters: z
      .record(z.string().regex(/^[a-z0-9]+$/), z.custom<AccessFilter>(isObject, 'must be a filter'))
      .default({}),
  })
  .refine(({ headerStyle, keyId }) => (headerStyle === 'kid-custom') === (keyId !== undefined), {
    path: ['keyId'],
    message: 'belongs to the header style kid-custom, and only there',
  })

// What a challenge can carry.
const printable = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')

const schema = z.strictObject({
  /** The `iss` claim; registries compare it letter by letter. */
  issuer: printable,
  /** By name, which becomes the audience of the tokens. */
  services: z
    .record(printable, serviceSchema)
    .refine((services) => Object.keys(services).length > 0, 'must name at least one service'),
  keys: z.custom<SigningKeys>(isObject, 'must be signing keys, from openKeyFolder or generateKeys'),
  clock: z.custom<Clock>(isObject, 'must be a clock').optional(),
  /** Where token ids come from. */
  randomBytes: z.custom<(size: number) => Uint8Array>(isFunction, 'must be a function').optional(),
})

/** What the caller writes. */
export type TokenServiceOptions = z.input<typeof schema>
/** One service, as the caller writes it. */
export type ServiceOptions = z.input<typeof serviceSchema>
/** One service: defaults filled in, rules checked. */
export type ServiceSettings = z.output<typeof serviceSchema>
/** What the code runs on. */
export type TokenServiceSettings = z.output<typeof schema>

/** @throws {ConfigurationError} with every problem found. */
export const parseTokenServiceOptions = (options: TokenServiceOptions): TokenServiceSettings =>
  parseOptions('token service', schema, options)
