import { type ConfigurationProblem, isConfigurationError } from '@lockkeeper/core'
import * as z from 'zod'
import { lockoutPolicy, type PolicySettings } from '../lockout/policy.ts'
import { section } from './section.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const milliseconds = (least: number, most: number) => z.int().min(least).max(most)
const perMinute = z.int().min(0).max(1_000_000)

const escalation = section({
  after: z.int().min(0).max(1000).exactOptional().describe('How many failures freeze equally long; 5 where unset.'),
  capMs: milliseconds(0, 7 * DAY)
    .exactOptional()
    .describe('The longest freeze, no shorter than freezeMs; one hour where unset.'),
  rememberMs: milliseconds(0, 30 * DAY)
    .exactOptional()
    .describe('How long failures are remembered, longer than capMs; one day where unset.'),
})

const ownerSafe = section({
  strangers: z.int().min(1).max(1000).exactOptional().describe('How many freezes all strangers share; 4 where unset.'),
  trustMs: milliseconds(0, 365 * DAY)
    .exactOptional()
    .describe('How long a network that somebody logged in from has a freeze of its own; seven days where unset.'),
})

const REDIS_URL = 'must look like redis://host:6379 or, with TLS, rediss://host:6380'
const redisUrl = z.url({ protocol: /^rediss?$/, error: REDIS_URL })
const prefix = z
  .string()
  .min(1)
  .max(100)
  .exactOptional()
  .describe('What every key begins with; one part in braces, or a cluster refuses it. {lockkeeper}:lock: where unset.')

/** The section `lockout.redis` once its texts were read. */
export const redisSection = section({ url: redisUrl, prefix })

const elsewhere = z.union([z.strictObject({ file: z.string() }), z.strictObject({ env: z.string() })])
const redis = section({
  url: z
    .union([redisUrl, elsewhere], REDIS_URL)
    .describe(
      'Where the server is. One with a password in it is better kept elsewhere: { file: path } or { env: NAME }.',
    ),
  prefix,
})

/** The section `lockout`: whom a refusal freezes, how long, and where that is kept. */
export const lockoutSection = section({
  freezeMs: milliseconds(0, HOUR)
    .default(1500)
    .describe('How long a refused login freezes its name and account; 0 turns the freeze off.'),
  policy: z
    .enum(['flat', 'escalating', 'ownerSafe'])
    .default('flat')
    .describe(
      'flat: every freeze is equally long. escalating: it doubles. ownerSafe: networks that somebody logged in from have one of their own.',
    ),
  escalation: escalation.exactOptional().describe('Of escalating; with ownerSafe it makes those freezes double too.'),
  ownerSafe: ownerSafe.exactOptional().describe('Numbers of ownerSafe.'),
  store: z
    .enum(['memory', 'database', 'redis'])
    .default('memory')
    .describe('Where freezes are kept: in this process, or where all processes that share it act as one.'),
  redis: redis.exactOptional().describe('Of the store redis.'),
  storeTimeoutMs: milliseconds(10, 5000)
    .exactOptional()
    .describe('How long a shared store may take to answer before it counts as lost; 250 where unset.'),
  whenStoreLost: z
    .enum(['local', 'deny'])
    .exactOptional()
    .describe(
      'What applies while a shared store does not answer: local, where unset, freezes of this process; deny 503 for every login.',
    ),
  keepVerifiedSeconds: z
    .number()
    .min(0)
    .max(300)
    .default(10)
    .describe('How long a verified password is good without being verified again, while its account is unchanged.'),
  sourceFailuresPerMinute: perMinute
    .default(100)
    .describe('How many refusals turn an address away from names it never succeeded with; 0 for no limit.'),
  sprayFailuresPerMinute: perMinute
    .default(1000)
    .describe('How many refusals over all addresses are an alarm; 0 for none.'),
  refuseStrangersDuringSpray: z
    .boolean()
    .default(false)
    .describe('Whether that alarm also turns away whoever never succeeded with the name.'),
}).check(({ value, issues }) => {
  const { policy, store } = value
  const misplaced = (path: string, belongsTo: string) =>
    issues.push({
      code: 'custom',
      input: value,
      path: [path],
      message: `belongs to ${belongsTo}; choose that or remove it`,
    })
  if (value.refuseStrangersDuringSpray && value.sprayFailuresPerMinute === 0) {
    const message = 'needs the alarm: set sprayFailuresPerMinute above 0, or remove it'
    issues.push({ code: 'custom', input: value, path: ['refuseStrangersDuringSpray'], message })
  }
  if (value.escalation && policy === 'flat') misplaced('escalation', 'policy: escalating or ownerSafe')
  if (value.ownerSafe && policy !== 'ownerSafe') misplaced('ownerSafe', 'policy: ownerSafe')
  if (value.redis && store !== 'redis') misplaced('redis', 'store: redis')
  for (const path of ['storeTimeoutMs', 'whenStoreLost'] as const) {
    if (value[path] !== undefined && store === 'memory') misplaced(path, 'store: redis or database')
  }
  if (!value.redis && store === 'redis') {
    const message = 'is missing: store: redis needs redis: { url: redis://host:6379 }'
    issues.push({ code: 'custom', input: value, path: ['redis'], message })
  }
  for (const { path, message } of issues.length === 0 ? problemsOf(value) : []) {
    issues.push({ code: 'custom', input: value, path: path.split('.'), message })
  }
})

/** What the policy finds wrong with numbers that are possible one by one. */
function problemsOf(lockout: PolicySettings): readonly ConfigurationProblem[] {
  try {
    lockoutPolicy(lockout)
    return []
  } catch (error) {
    if (isConfigurationError(error)) return error.problems
    throw error
  }
}
