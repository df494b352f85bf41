import { notFound } from '../../request-error.ts'
import type { Route } from '../../route.ts'
import { withErrorPages } from '../page-errors.ts'
import type { Web } from '../web.ts'

/** All that a client may try; the answer is the same. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * Where nothing is: a browser gets a page that leads back, a program what it got without pages. A catch-all route of the
 * program around us goes before it.
 */
export function nowhereRoute(web: Web): Route {
  const bare: Route = {
    method: METHODS,
    path: '/*',
    givesWay: true,
    async handle() {
      throw notFound('no_route')
    },
  }
  const asPage = withErrorPages(bare, web)
  const isBrowser = ({ headers }: Request) => /\btext\/html\b/.test(headers.get('accept') ?? '')
  return { ...bare, handle: (request, info) => (isBrowser(request) ? asPage : bare).handle(request, info) }
}
