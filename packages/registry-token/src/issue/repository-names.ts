import { parseResource, type Resource } from '@lockkeeper/core'

/** Which repository of which project a requested name means; `undefined`: none, and nobody gets anything for it. */
export type RepositoryNames = (name: string) => Extract<Resource, { kind: 'repository' }> | undefined

/**
 * Names as most services have them: `<project>/<repository>`. A name of one component has no project.
 *
 * What is judged is the name itself, letter by letter: nothing is rewritten on the way to the policy.
 */
export const plainNames: RepositoryNames = (name) => {
  const resource = parseResource(`repository:${name}`)
  return resource?.kind === 'repository' ? resource : undefined
}

/**
 * Names that begin with the host that people know the service by: `registry.example.com/<project>/<repository>`, as
 * Harbor's content-trust service has them. A name with another host, or without one, is nobody's.
 *
 * @param host Compared letter by letter; with the port, where names carry one.
 */
export function hostPrefixedNames(host: string): RepositoryNames {
  const prefix = `${host}/`
  return (name) => (name.startsWith(prefix) ? plainNames(name.slice(prefix.length)) : undefined)
}
