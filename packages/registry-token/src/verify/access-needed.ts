import { isRepositoryName } from '@lockkeeper/registry-protocol'
import type { Needed } from './contract.ts'

/** What a request to a registry needs. */
export type RouteAccess =
  /** Every record must be granted; none means that any valid token will do. */
  | { readonly outcome: 'needed'; readonly needed: readonly Needed[] }
  /** No route of a registry, or one in another spelling than its own: answer 404. */
  | { readonly outcome: 'not_found' }
  /** The `from` of a mount is no repository name: answer 400. */
  | { readonly outcome: 'bad_source' }

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,128}$/
const UPLOAD = /^[A-Za-z0-9_.=-]{0,255}$/
const CATALOG: Needed = { type: 'registry', name: 'catalog', action: '*' }

/**
 * Says what a request to a registry needs, as Distribution's registry does.
 *
 * | request | needs |
 * |---|---|
 * | `/v2/` | a valid token |
 * | `/v2/_catalog` | `registry:catalog:*` |
 * | GET, HEAD on a repository | `pull` |
 * | POST, PUT, PATCH on a repository | `pull` and `push` |
 * | DELETE on a repository | `delete` |
 * | any other method on a repository | a valid token; no registry serves it |
 * | `from=NAME` beside any of them | `pull` on that repository as well |
 *
 * @param method In capitals, as HTTP has it.
 * @param path As it was sent: not decoded, not cleaned. A name is never spelled with percent signs.
 * @param query A registry reads `from` in a form body too; who serves such bodies must refuse them or add it here.
 * @see {@link https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints | OCI distribution: endpoints}
 */
export function accessNeeded(method: string, path: string, query: URLSearchParams): RouteAccess {
  if (path === '/v2/') return { outcome: 'needed', needed: [] }
  if (path === '/v2/_catalog') return { outcome: 'needed', needed: [CATALOG] }
  const name = repositoryOf(path)
  if (name === undefined) return { outcome: 'not_found' }

  const sources = query.getAll('from').filter((source) => source !== '')
  if (!sources.every(isRepositoryName)) return { outcome: 'bad_source' }
  const needed = [
    ...actionsOf(method).map((action) => ({ type: 'repository', name, action })),
    ...sources.map((source) => ({ type: 'repository', name: source, action: 'pull' })),
  ]
  return { outcome: 'needed', needed }
}

function actionsOf(method: string): readonly string[] {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return ['pull']
    case 'POST':
    case 'PUT':
    case 'PATCH':
      return ['pull', 'push']
    case 'DELETE':
      return ['delete']
    default:
      return []
  }
}

/** The repository of a route; the end of the path says which route it is, and the name is what stands before. */
function repositoryOf(path: string): string | undefined {
  const [empty, version, ...segments] = path.split('/', 300)
  if (empty !== '' || version !== 'v2') return undefined
  const [beforeLast = '', last = ''] = segments.slice(-2)
  const isUpload = beforeLast === 'uploads' && segments.at(-3) === 'blobs'
  if (!isUpload && !isRoute(beforeLast, last)) return undefined
  if (isUpload && !UPLOAD.test(last)) return undefined
  const name = segments.slice(0, isUpload ? -3 : -2).join('/')
  return isRepositoryName(name) ? name : undefined
}

function isRoute(kind: string, last: string): boolean {
  switch (kind) {
    case 'tags':
      return last === 'list'
    case 'manifests':
      return TAG.test(last) || DIGEST.test(last)
    case 'blobs':
    case 'referrers':
      return DIGEST.test(last)
    default:
      return false
  }
}
