import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { TokenServiceSettings } from './options.ts'

/**
 * Checks that the keys can do what every service needs.
 *
 * @throws {ConfigurationError} with every problem found.
 */
export function judgeKeys({ keys, services }: TokenServiceSettings): void {
  const published = new Map(keys.published().map((key) => [key.algorithm, key]))
  const customIds = new Map<string, string>()
  const problems: ConfigurationProblem[] = []
  for (const [name, { algorithm, headerStyle, keyId }] of Object.entries(services)) {
    const key = published.get(algorithm)
    const path = `services.${name}`
    if (!key) {
      const message = `is ${algorithm}, and there is no such key; make one with \`lockkeeper keys new --algorithm ${algorithm}\``
      problems.push({ path: `${path}.algorithm`, message })
    } else if (headerStyle === 'x5c' && key.certificates.length === 0) {
      const message = `is x5c, and the ${algorithm} key has no certificate; supply one, restore ca.key, or choose kid-libtrust`
      problems.push({ path: `${path}.headerStyle`, message })
    }
    if (keyId === undefined) continue
    if ((customIds.get(keyId) ?? algorithm) !== algorithm) {
      problems.push({ path: `${path}.keyId`, message: 'is the id of a key for another algorithm; choose another text' })
    }
    customIds.set(keyId, algorithm)
  }
  if (problems.length > 0) throw new ConfigurationError('token service', problems)
}
