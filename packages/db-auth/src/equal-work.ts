import type { Clock, PasswordStore } from '@lockkeeper/core'
import type { HashingJob, PasswordHasher } from './password-hasher.ts'
import type { Argon2id, Scheme } from './scheme.ts'

/**
 * Makes every refusal cost the same. What a refusal does is the sum of what the rows of this deployment ask for: one
 * PBKDF2 per digest with the most rounds there are, and one argon2id per set of parameters. The row that was verified
 * counts towards it, and the rest is topped up. Usually that is one single argon2id.
 */
export interface EqualWork {
  /** Learns which schemes the rows have; at the first call, and now and then. @throws {BackendUnavailableError} */
  prepare(): Promise<void>
  /** A row with this scheme exists. */
  learn(scheme: Scheme): void
  /** Does what is left of the work of a refusal after a row of scheme `done` was verified. */
  topUp(job: HashingJob, password: string, done?: Scheme): Promise<void>
}

const LEARN_AGAIN_MS = 5 * 60_000
const MOST_ARGON2ID = 4
/** A row dearer than so many times what is written now is not imitated: a planted one would slow everybody down. */
const MOST_TIMES_DEARER = 4

export function createEqualWork(passwords: PasswordStore, hasher: PasswordHasher, clock: Clock): EqualWork {
  const known = new Map<string, Scheme>()
  let learnedAt: number | undefined
  let learning: Promise<void> | undefined

  function learn(scheme: Scheme): void {
    const key = keyOf(scheme)
    const before = known.get(key)
    if (scheme.kind === 'pbkdf2') {
      if (before?.kind !== 'pbkdf2' || before.rounds < scheme.rounds) known.set(key, scheme)
      return
    }
    const others = [...known.values()].filter(({ kind }) => kind === 'argon2id')
    if (before === undefined && others.length < MOST_ARGON2ID && !isExcessive(scheme, hasher.writes))
      known.set(key, scheme)
  }

  async function learnAll(): Promise<void> {
    for (const name of await passwords.schemes()) {
      const scheme = hasher.schemeNamed(name)
      if (scheme) learn(scheme)
    }
    learnedAt = clock.monotonicMs()
  }

  learn(hasher.writes)
  return {
    learn,
    async prepare() {
      if (learnedAt !== undefined && clock.monotonicMs() - learnedAt < LEARN_AGAIN_MS) return
      learning ??= learnAll().finally(() => {
        learning = undefined
      })
      if (learnedAt === undefined) return await learning
      // What is known serves on; nobody waits for news, and an outage shows elsewhere.
      learning.catch(() => {})
    },
    async topUp(job, password, done) {
      for (const scheme of known.values()) {
        const rest = done && keyOf(done) === keyOf(scheme) ? remainder(scheme, done) : scheme
        if (rest) await job.standIn(password, rest)
      }
    },
  }
}

const keyOf = (scheme: Scheme): string =>
  scheme.kind === 'pbkdf2'
    ? `pbkdf2 ${scheme.digest}`
    : `argon2id ${scheme.memoryKib} ${scheme.iterations} ${scheme.parallelism}`

/** What a row of `done` leaves to do; rounds of PBKDF2 add up. */
function remainder(whole: Scheme, done: Scheme): Scheme | undefined {
  if (whole.kind !== 'pbkdf2' || done.kind !== 'pbkdf2' || done.rounds >= whole.rounds) return undefined
  return { ...whole, rounds: whole.rounds - done.rounds }
}

function isExcessive(scheme: Argon2id, writes: Scheme): boolean {
  const usual = writes.kind === 'argon2id' ? cost(writes) : cost(WEAKEST)
  return cost(scheme) > MOST_TIMES_DEARER * usual
}

const WEAKEST: Argon2id = { kind: 'argon2id', memoryKib: 19_456, iterations: 2, parallelism: 1 }
const cost = ({ memoryKib, iterations }: Argon2id): number => memoryKib * iterations
