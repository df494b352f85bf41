/** The people of an htpasswd file. */
export interface HtpasswdFile {
  /** Hashes by user name; only bcrypt ones. Names with another hash are known to nobody. */
  readonly hashes: ReadonlyMap<string, BcryptHash>
  /** The highest cost in the file, which every check will cost. */
  readonly highestCost: number
}

/** A bcrypt hash and the work it takes: 2 to the power of `cost`. */
export interface BcryptHash {
  readonly text: string
  readonly cost: number
}

/** What {@link parseHtpasswd} found. */
export type HtpasswdResult =
  | { readonly outcome: 'parsed'; readonly file: HtpasswdFile; readonly ignored: number }
  | { readonly outcome: 'rejected'; readonly message: string }

const BCRYPT = /^\$2[aby]?\$(\d\d)\$[./A-Za-z0-9]{53}$/
const MIN_COST = 4
/** A check takes about four seconds at this cost; at 31 it takes a day. */
const MAX_COST = 16
const MAX_LINES = 10_000
/** The cost of checks against a file without a single usable hash. */
const DEFAULT_COST = 10

/**
 * Reads an htpasswd file: a name and a hash on each line, with a colon between; empty lines and lines that begin with
 * `#` are skipped, and of two lines for one name the later one counts.
 *
 * @returns `ignored` counts entries whose hash is not bcrypt. One line without a colon rejects the whole file, because
 * whatever wrote it was interrupted.
 */
export function parseHtpasswd(text: string): HtpasswdResult {
  const lines = text.split('\n')
  if (lines.length > MAX_LINES) return { outcome: 'rejected', message: `has more than ${MAX_LINES} lines` }
  const hashes = new Map<string, BcryptHash | undefined>()
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const colon = line.indexOf(':')
    if (colon < 0) return { outcome: 'rejected', message: `has no colon in line ${index + 1}` }
    const hash = line.slice(colon + 1)
    const cost = Number(BCRYPT.exec(hash)?.[1] ?? 0)
    if (cost > MAX_COST) {
      return {
        outcome: 'rejected',
        message: `has a hash of cost ${cost} in line ${index + 1}; use ${MAX_COST} at most`,
      }
    }
    // The first of the prefixes has no letter; the library knows it by the second.
    const text = hash.replace(/^\$2\$/, '$2a$')
    hashes.set(line.slice(0, colon), cost >= MIN_COST ? { text, cost } : undefined)
  }
  const usable = [...hashes].flatMap(([name, hash]) => (hash ? [[name, hash] as const] : []))
  const highestCost = usable.reduce((highest, [, { cost }]) => Math.max(highest, cost), 0) || DEFAULT_COST
  return {
    outcome: 'parsed',
    file: { hashes: new Map(usable), highestCost },
    ignored: hashes.size - usable.length,
  }
}
