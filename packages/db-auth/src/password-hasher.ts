import type { StoredPassword } from '@lockkeeper/core'
import { hashArgon2id, hashForHarbor, matches, standIn } from './derivations.ts'
import { createHashingQueue } from './hashing-queue.ts'
import { type PasswordHasherOptions, type PasswordHasherSettings, parsePasswordHasherOptions } from './options.ts'
import { harborScheme, isWeaker, type Scheme, schemeNamed, schemeOf } from './scheme.ts'

/** One job of the hashing queue: what it does one after the other counts as one hashing. */
export interface HashingJob {
  /** Whether a password is the stored one; `scheme` is what {@link PasswordHasher.schemeOf} read. */
  matches(password: string, stored: StoredPassword, scheme: Scheme): Promise<boolean>
  /** Does the work of `matches` for nobody. */
  standIn(password: string, scheme: Scheme): Promise<void>
  hash(password: string): Promise<StoredPassword>
}

/** Hashes and verifies passwords off the event loop, a bounded number at a time. Share one among all that do so in a process. */
export interface PasswordHasher {
  /** How new passwords are written. */
  readonly writes: Scheme
  /** Hashes a new password. @throws {BackendUnavailableError} when too many wait. */
  hash(password: string, signal?: AbortSignal): Promise<StoredPassword>
  /** Verifies one; a scheme that is unknown or out of bounds never matches. @throws {BackendUnavailableError} when too many wait. */
  verify(password: string, stored: StoredPassword, signal?: AbortSignal): Promise<boolean>
  /** Whether a row is weaker than what would be written now. */
  isOutdated(stored: StoredPassword): boolean
  /** How a row was hashed; `undefined` for one that nobody logs in with. */
  schemeOf(stored: StoredPassword): Scheme | undefined
  /** The same for the name of a scheme, as `PasswordStore.schemes` gives it. */
  schemeNamed(name: string): Scheme | undefined
  /** Runs several steps as one job. @throws {BackendUnavailableError} when too many wait. */
  run<T>(work: (job: HashingJob) => Promise<T>, signal?: AbortSignal): Promise<T>
}

/**
 * Makes a hasher.
 *
 * @param parts.onDerivation Called once for each derivation, whoever it was for; for metrics and tests.
 * @throws {ConfigurationError} when hashing would be too weak, or would take every thread.
 */
export function createPasswordHasher(
  options: PasswordHasherOptions = {},
  parts: { readonly onDerivation?: (scheme: Scheme) => void } = {},
): PasswordHasher {
  const settings = parsePasswordHasherOptions(options)
  const queue = createHashingQueue(settings.concurrency, settings.queue)
  const { write, scheme: writes } = writer(settings)
  const counted = <A extends readonly unknown[], T>(scheme: Scheme, work: (...args: A) => Promise<T>, ...args: A) => {
    parts.onDerivation?.(scheme)
    return work(...args)
  }
  const job: HashingJob = {
    matches: (password, stored, scheme) => counted(scheme, matches, password, stored, scheme),
    standIn: (password, scheme) => counted(scheme, standIn, password, scheme),
    hash: (password) => counted(writes, write, password),
  }
  const read = (stored: StoredPassword) => schemeOf(stored, settings.harborVersion)

  return {
    writes,
    hash: (password, signal) => queue.run(() => job.hash(password), signal),
    async verify(password, stored, signal) {
      const scheme = read(stored)
      return scheme !== undefined && (await queue.run(() => job.matches(password, stored, scheme), signal))
    },
    isOutdated(stored) {
      const scheme = read(stored)
      return scheme !== undefined && isWeaker(scheme, writes)
    },
    schemeOf: read,
    schemeNamed: (name) => schemeNamed(name, settings.harborVersion),
    run: (work, signal) => queue.run(() => work(job), signal),
  }
}

function writer({ hashing, sharedWithHarbor, harborVersion }: PasswordHasherSettings) {
  if (sharedWithHarbor && harborVersion !== undefined) {
    const scheme = harborScheme(harborVersion)
    return { scheme, write: (password: string) => hashForHarbor(password, harborVersion, scheme) }
  }
  const scheme = { kind: 'argon2id', ...hashing } as const
  return { scheme, write: (password: string) => hashArgon2id(password, scheme) }
}
