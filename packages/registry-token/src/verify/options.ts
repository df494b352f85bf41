import { type Clock, parseOptions } from '@lockkeeper/core'
import * as z from 'zod'
import { JWS_ALGORITHMS } from './rules.ts'
import type { TrustedKeys } from './trusted-keys.ts'

// What a challenge can carry.
const printable = z.string().regex(/^[\x20-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const trusted = z.custom<TrustedKeys>(isObject, 'must be trusted keys, from trustedKeys()')

const rulesSchema = z.strictObject({
  algorithms: z.array(z.enum(JWS_ALGORITHMS)).min(1).exactOptional(),
  certificateKeyIds: z.array(z.enum(['libtrust', 'thumbprint'])).exactOptional(),
  jwks: z.boolean().exactOptional(),
  audienceArrays: z.boolean().exactOptional(),
  malformedBearer: z.enum(['invalid_token', 'no_token']).exactOptional(),
  insecureAnyAlgorithmOfKey: z.boolean().exactOptional(),
  insecureAnyType: z.boolean().exactOptional(),
  insecureEmbeddedKeyFirst: z.boolean().exactOptional(),
  insecureEmbeddedJwk: z.enum(['refused', 'libtrust', 'thumbprint']).exactOptional(),
  insecureEndedCertificates: z.boolean().exactOptional(),
  insecureOptionalTimes: z.boolean().exactOptional(),
})

const schema = z
  .strictObject({
    /** URL of the token endpoint, for challenges. */
    realm: z.url({ protocol: /^https?$/ }),
    /** The audience that tokens must name, and the service of challenges. */
    service: printable,
    /** The `iss` claim that tokens must have. */
    issuer: printable,
    /** Audiences that are accepted beside `service`. */
    otherAudiences: z.array(printable).default([]),
    /** The keys of that issuer. */
    keys: trusted,
    /** Further issuers, each with keys of its own: the key of one never signs for another. */
    otherIssuers: z.array(z.strictObject({ issuer: printable, keys: trusted })).default([]),
    /** Whose rules hold. */
    profile: z.enum(['strict', '2.x', '3.x']).default('strict'),
    /** Single rules that differ from those of the profile. */
    rules: rulesSchema.default({}),
    /** How far clocks may differ. */
    leewaySeconds: z.int().min(0).max(60).default(60),
    /** Longest time between `iat` and `exp`. */
    maxLifetimeSeconds: z.int().min(60).default(3600),
    /** How many verified tokens are remembered. */
    maxCachedTokens: z.int().min(0).max(100_000).default(1000),
    clock: z.custom<Clock>(isObject, 'must be a clock').optional(),
  })
  .refine(
    ({ issuer, otherIssuers }) =>
      new Set([issuer, ...otherIssuers.map((other) => other.issuer)]).size > otherIssuers.length,
    {
      path: ['otherIssuers'],
      message: 'must not name an issuer twice: which keys would count?',
    },
  )

/** What the caller writes. */
export type TokenAccessControllerOptions = z.input<typeof schema>

/** What the code runs on. */
export type TokenAccessControllerSettings = z.output<typeof schema>

/** @throws {ConfigurationError} with every problem found. */
export const parseTokenAccessControllerOptions = (
  options: TokenAccessControllerOptions,
): TokenAccessControllerSettings => parseOptions('token access controller', schema, options)
