/** Longest repository name in characters, host part included. */
export const MAX_REPOSITORY_NAME_LENGTH = 255

/** A name that follows the grammar. */
export interface RepositoryName {
  /** The whole name, exactly as it was given. */
  readonly name: string
  /** The part before the first slash if it reads as a host: it holds a dot or a port, or is `localhost`. */
  readonly host?: string
  /** What follows the host part; the whole name if there is none. */
  readonly path: string
}

/** Why a text is not a repository name. */
export type RepositoryNameProblem = 'name_too_long' | 'bad_host' | 'bad_component'

/** What {@link parseRepositoryName} found. */
export type RepositoryNameResult =
  | { readonly outcome: 'accepted'; readonly name: RepositoryName }
  | { readonly outcome: 'rejected'; readonly reason: RepositoryNameProblem }

// In both patterns neighbouring repetitions share no character, so there is one way to match and time is linear.
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/
const HOST = /^[A-Za-z0-9]+(?:(?:\.|-+)[A-Za-z0-9]+)*(?::[0-9]{1,5})?$/

/**
 * Reads a repository name: lower-case components separated by slashes, after an optional `host[:port]/`.
 *
 * A component is letters and digits, joined by one `.`, one or two `_`, or any number of `-`. Nothing is rewritten:
 * what is not a name (upper case in a component, `..`, `//`, `%2f`, `[::1]`) is rejected.
 *
 * @param maxLength In characters, host part included.
 * @see {@link https://distribution.github.io/distribution/spec/auth/scope/ | Distribution: token scope}
 */
export function parseRepositoryName(text: string, maxLength = MAX_REPOSITORY_NAME_LENGTH): RepositoryNameResult {
  if (text.length > maxLength) return { outcome: 'rejected', reason: 'name_too_long' }
  const [first = '', ...rest] = text.split('/')
  if (!rest.every(isComponent)) return { outcome: 'rejected', reason: 'bad_component' }

  if (rest.length > 0 && readsAsHost(first)) {
    if (HOST.test(first)) return { outcome: 'accepted', name: { name: text, host: first, path: rest.join('/') } }
    // `a_b.c/d` is no host and yet a name.
    if (!isComponent(first)) return { outcome: 'rejected', reason: 'bad_host' }
  }
  if (!isComponent(first)) return { outcome: 'rejected', reason: 'bad_component' }
  return { outcome: 'accepted', name: { name: text, path: text } }
}

/** Whether `text` is a repository name of at most {@link MAX_REPOSITORY_NAME_LENGTH} characters. */
export const isRepositoryName = (text: string): boolean => parseRepositoryName(text).outcome === 'accepted'

/**
 * The text before the first slash, or all of it.
 *
 * Give it the whole name where names carry no host (`my.project/app` belongs to `my.project`), and the `path` of
 * {@link RepositoryName} where they do.
 */
export function firstPathComponent(path: string): string {
  const slash = path.indexOf('/')
  return slash === -1 ? path : path.slice(0, slash)
}

const isComponent = (text: string): boolean => COMPONENT.test(text)

const readsAsHost = (text: string): boolean => text.includes('.') || text.includes(':') || text === 'localhost'
