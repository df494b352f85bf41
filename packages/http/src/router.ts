import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import { methodNotAllowed, notFound } from './request-error.ts'
import type { Route } from './route.ts'

// A segment shares no character with the slash, so there is one way to match and time is linear. Percent signs are
// missing on purpose: no route of ours needs one, and a second spelling of a path would be a second way around a rule.
const CANONICAL_PATH = /^\/(?:[A-Za-z0-9._~:@!$&'()+,;=-]+\/)*[A-Za-z0-9._~:@!$&'()+,;=-]*$/
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/
const METHOD = /^[A-Z]+$/

/** Whether a path is the one spelling of itself: no escapes, no empty segments, no dot segments. */
export const isCanonicalPath = (path: string): boolean => CANONICAL_PATH.test(path) && !DOT_SEGMENT.test(path)

/** Finds the route of a path and a method; throws the 404 or 405 where there is none. */
export type Router = (path: string, method: string) => Route

type Methods = Map<string, Route>

/**
 * Makes the table of routes. An exact path goes before a prefix, a longer prefix before a shorter one, and the methods
 * of whatever matched decide alone. A route that gives way is left out where another claims its path.
 *
 * @throws {ConfigurationError} when two routes claim one method and path, or a path is not canonical.
 */
export function createRouter(routes: readonly Route[]): Router {
  const exact = new Map<string, Methods>()
  const prefixes = new Map<string, Methods>()
  const claims = (route: Route) => routes.some(({ path, givesWay }) => path === route.path && !givesWay)
  const problems = routes.filter((route) => !route.givesWay || !claims(route)).flatMap(enter)
  if (problems.length > 0) throw new ConfigurationError('routes', problems)
  const byLength = [...prefixes].sort(([a], [b]) => b.length - a.length)

  return (path, method) => {
    if (!isCanonicalPath(path)) throw notFound('path_not_canonical')
    const methods = exact.get(path) ?? byLength.find(([prefix]) => isUnder(path, prefix))?.[1]
    if (methods === undefined) throw notFound('no_route')
    const route = methods.get(method)
    if (route === undefined) throw methodNotAllowed([...methods.keys()])
    return route
  }

  function enter(route: Route): readonly ConfigurationProblem[] {
    const isPrefix = route.path.endsWith('/*')
    const path = isPrefix ? route.path.slice(0, -1) : route.path
    if (!isCanonicalPath(path))
      return [{ path: route.path, message: 'is not a canonical path, such as /service/token' }]
    const table = isPrefix ? prefixes : exact
    const methods = table.get(path) ?? new Map<string, Route>()
    table.set(path, methods)
    return methodsOf(route).flatMap((method) => {
      if (!METHOD.test(method)) return [{ path: route.path, message: `${method} is not a method, such as GET` }]
      if (methods.has(method))
        return [{ path: route.path, message: `is claimed twice for ${method}: remove one route` }]
      methods.set(method, route)
      return []
    })
  }
}

// The slash at the end of a prefix is its boundary: `/v2/` is not a prefix of `/v2x`.
const isUnder = (path: string, prefix: string): boolean => path.length > prefix.length && path.startsWith(prefix)

function methodsOf({ method }: Route): readonly string[] {
  const named = typeof method === 'string' ? [method] : method
  return named.includes('GET') && !named.includes('HEAD') ? [...named, 'HEAD'] : named
}
