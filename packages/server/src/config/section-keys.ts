import { ConfigurationError, type ConfigurationProblem, isConfigurationError } from '@lockkeeper/core'

/** Keys that the section of a mode has besides the options of its package. */
const ADDED: ReadonlyMap<string, readonly string[]> = new Map([
  ['db_auth', ['upgradeOnLogin']],
  ['oidc_auth', ['harborKeyFile']],
])

/** Options that the server sets by itself, and why no section has them. */
const SET_HERE: ReadonlyMap<string, string> = new Map([
  ['instance', 'stands after the slash in the name of a mode: write it there, as in ldap_auth/emea'],
  ['onEvent', 'is for programs; the server logs what it would be told'],
])

/** What is wrong with the keys of a section, which the package of its mode would take. */
export const misplacedKeys = (section: object): readonly ConfigurationProblem[] =>
  Object.keys(section).flatMap((path) => {
    const message = SET_HERE.get(path)
    return message === undefined ? [] : [{ path, message }]
  })

/**
 * Says which keys there are in a section, where a package says which options it has.
 *
 * @param mode A built-in one, without its instance.
 */
export function inKeysOf(mode: string, { path, message }: ConfigurationProblem): ConfigurationProblem {
  const [, unknown, options] = (path === '' && /^(has no .*; there are )(.*)$/.exec(message)) || []
  if (unknown === undefined || options === undefined) return { path, message }
  const keys = [...options.split(', ').filter((option) => !SET_HERE.has(option)), ...(ADDED.get(mode) ?? [])]
  return { path, message: unknown + keys.join(', ') }
}

/** @throws {ConfigurationError} as `make` does, in the keys of the section. */
export function withKeysOf<T>(mode: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!isConfigurationError(error)) throw error
    const problems = error.problems.map((problem) => inKeysOf(mode, problem))
    throw new ConfigurationError(mode, problems, { cause: error })
  }
}
