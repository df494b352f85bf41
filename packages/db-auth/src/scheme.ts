import type { StoredPassword } from '@lockkeeper/core'

/** How a password was hashed, with everything that decides what verifying it costs. */
export type Scheme = Argon2id | Pbkdf2

/** RFC 9106. */
export interface Argon2id {
  readonly kind: 'argon2id'
  readonly memoryKib: number
  readonly iterations: number
  readonly parallelism: number
}

/** RFC 8018; the derived key has 16 bytes. */
export interface Pbkdf2 {
  readonly kind: 'pbkdf2'
  readonly digest: 'sha1' | 'sha256'
  readonly rounds: number
}

/** A `password_version` that Harbor writes. */
export type HarborVersion = 'sha1' | 'sha256' | 'pbkdf2_sha256'

const HARBOR_VERSIONS: ReadonlyMap<string, Pbkdf2> = new Map([
  ['sha1', { kind: 'pbkdf2', digest: 'sha1', rounds: 4096 }],
  ['sha256', { kind: 'pbkdf2', digest: 'sha256', rounds: 4096 }],
  ['pbkdf2_sha256', { kind: 'pbkdf2', digest: 'sha256', rounds: 600_000 }],
])

/** The most a stored row may ask for, so that a planted one cannot exhaust the server. */
export const MOST = { memoryKib: 256 * 1024, iterations: 10, parallelism: 4 } as const

const HEAD = String.raw`\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})`
const PHC = new RegExp(`^${HEAD}\\$[A-Za-z0-9+/]{11,64}\\$[A-Za-z0-9+/]{22,86}$`)
const PHC_HEAD = new RegExp(`^${HEAD}$`)
const PBKDF2_KEY = /^[0-9a-f]{32}$/

/**
 * Reads how a row was hashed.
 *
 * @param whenUnsaid What a row without a version means; without it such a row is unknown.
 * @returns `undefined` for a scheme that is unknown, spelled differently, malformed or dearer than {@link MOST}: nobody
 * logs in with such a row.
 */
export function schemeOf({ hash, salt, scheme }: StoredPassword, whenUnsaid?: HarborVersion): Scheme | undefined {
  if (scheme === 'argon2id') return parseParameters(PHC.exec(hash))
  const version = scheme === '' ? whenUnsaid : scheme
  const isKey = PBKDF2_KEY.test(hash) && salt !== ''
  return isKey && version !== undefined ? HARBOR_VERSIONS.get(version) : undefined
}

/** Reads the name of a scheme as password stores give it: a version, or the head of a PHC string. */
export function schemeNamed(name: string, whenUnsaid?: HarborVersion): Scheme | undefined {
  const version = name === '' ? whenUnsaid : name
  return parseParameters(PHC_HEAD.exec(name)) ?? (version === undefined ? undefined : HARBOR_VERSIONS.get(version))
}

/** The scheme of a version that Harbor writes. */
export function harborScheme(version: HarborVersion): Pbkdf2 {
  const scheme = HARBOR_VERSIONS.get(version)
  if (!scheme) throw new TypeError(`${version} is no password_version of Harbor`)
  return scheme
}

function parseParameters(match: RegExpExecArray | null): Argon2id | undefined {
  if (!match) return undefined
  const [memoryKib = 0, iterations = 0, parallelism = 0] = match.slice(1).map(Number)
  const isPossible = parallelism >= 1 && iterations >= 1 && memoryKib >= 8 * parallelism
  const isBounded = memoryKib <= MOST.memoryKib && iterations <= MOST.iterations && parallelism <= MOST.parallelism
  return isPossible && isBounded ? { kind: 'argon2id', memoryKib, iterations, parallelism } : undefined
}

/** Whether a row should be written anew with `target` when its password is at hand. Never from better to worse. */
export function isWeaker(scheme: Scheme, target: Scheme): boolean {
  if (scheme.kind === 'argon2id') {
    if (target.kind !== 'argon2id') return false
    const { memoryKib, iterations, parallelism } = scheme
    return memoryKib < target.memoryKib || iterations < target.iterations || parallelism < target.parallelism
  }
  if (target.kind === 'argon2id') return true
  return scheme.rounds < target.rounds || (scheme.rounds === target.rounds && scheme.digest < target.digest)
}
