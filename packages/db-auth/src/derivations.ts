import { pbkdf2, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { StoredPassword } from '@lockkeeper/core'
import { hash, verify } from '@node-rs/argon2'
import type { Argon2id, HarborVersion, Pbkdf2, Scheme } from './scheme.ts'

const derive = promisify(pbkdf2)
const KEY_BYTES = 16
const SALT_LENGTH = 32
const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Whether a password is the one that was stored; the row's scheme has been read before, and is within bounds. */
export async function matches(
  password: string,
  { hash: stored, salt }: StoredPassword,
  scheme: Scheme,
): Promise<boolean> {
  if (scheme.kind === 'pbkdf2') {
    const key = await derive(password, salt, scheme.rounds, KEY_BYTES, scheme.digest)
    return timingSafeEqual(key, Buffer.from(stored, 'hex'))
  }
  try {
    return await verify(stored, password)
  } catch {
    // Base64 that only looks right is found early; the row must not stand out by that.
    await standIn(password, scheme)
    return false
  }
}

/** Does the work of verifying a row of this scheme, and finds nothing. */
export async function standIn(password: string, scheme: Scheme): Promise<void> {
  if (scheme.kind === 'pbkdf2') await derive(password, randomSalt(), scheme.rounds, KEY_BYTES, scheme.digest)
  else await verify(impossibleHash(scheme), password)
}

/** Hashes with argon2id, a salt of 16 and a tag of 32 bytes. */
export async function hashArgon2id(password: string, scheme: Argon2id): Promise<StoredPassword> {
  const { memoryKib: memoryCost, iterations: timeCost, parallelism } = scheme
  return {
    hash: await hash(password, { memoryCost, timeCost, parallelism, outputLen: 32 }),
    salt: '',
    scheme: 'argon2id',
  }
}

/** Hashes as the Harbor that names this version does. */
export async function hashForHarbor(password: string, version: HarborVersion, scheme: Pbkdf2): Promise<StoredPassword> {
  const salt = randomSalt()
  const key = await derive(password, salt, scheme.rounds, KEY_BYTES, scheme.digest)
  return { hash: key.toString('hex'), salt, scheme: version }
}

const randomSalt = (): string => Array.from({ length: SALT_LENGTH }, () => ALPHANUMERICS[randomInt(62)]).join('')

/** A well-formed PHC string of random bytes: a malformed one would make the library return early. */
function impossibleHash({ memoryKib, iterations, parallelism }: Argon2id): string {
  const [salt, tag] = [16, 32].map((size) => randomBytes(size).toString('base64').replace(/=+$/, ''))
  return `$argon2id$v=19$m=${memoryKib},t=${iterations},p=${parallelism}$${salt}$${tag}`
}
