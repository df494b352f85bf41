import { availableParallelism } from 'node:os'
import { parseOptions, unknownKeys } from '@lockkeeper/core'
import * as z from 'zod'
import { MOST } from './scheme.ts'

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, { error: unknownKeys(shape) })
const atLeast = (least: number, most: number) =>
  z
    .int()
    .min(least, `must be at least ${least}: less is too weak for new passwords`)
    .max(most, `must be at most ${most}: more would let a few logins exhaust the server`)
    .default(least)

const schema = section({
  /** argon2id for new passwords, no weaker than OWASP asks for. */
  hashing: section({
    memoryKib: atLeast(19_456, MOST.memoryKib),
    iterations: atLeast(2, MOST.iterations),
    parallelism: atLeast(1, MOST.parallelism),
  }).prefault({}),
  /** What a row without a `password_version` was hashed with. */
  harborVersion: z.enum(['sha1', 'sha256', 'pbkdf2_sha256']).exactOptional(),
  /** A Harbor uses the same database: new passwords are written in `harborVersion`, which it can verify. */
  sharedWithHarbor: z.boolean().default(false),
  /** How many hashings run at once. */
  concurrency: z.int().min(1).default(defaultConcurrency),
  /** How many logins may wait for one; beyond that they are told to come back. */
  queue: z.int().min(0).max(10_000).default(64),
})
  .refine(({ sharedWithHarbor, harborVersion }) => !sharedWithHarbor || harborVersion !== undefined, {
    message: 'must be the password_version that the Harbor on this database writes: sha1, sha256 or pbkdf2_sha256',
    path: ['harborVersion'],
  })
  .refine(({ concurrency }) => concurrency < threadPoolSize(), {
    error: () => `must leave a thread free: at most ${threadPoolSize() - 1}, or start with a larger UV_THREADPOOL_SIZE`,
    path: ['concurrency'],
  })

/** How passwords are hashed, and how much of that happens at once. */
export type PasswordHasherOptions = z.input<typeof schema>
/** What the code runs on. */
export type PasswordHasherSettings = z.output<typeof schema>

/** @throws {ConfigurationError} with every problem found. */
export const parsePasswordHasherOptions = (options: PasswordHasherOptions): PasswordHasherSettings =>
  parseOptions('db_auth', schema, options)

/** libuv reads this once, when it first needs a thread. */
function threadPoolSize(): number {
  return Number(process.env.UV_THREADPOOL_SIZE) || 4
}

function defaultConcurrency(): number {
  return Math.max(1, Math.min(availableParallelism(), threadPoolSize() - 1))
}
