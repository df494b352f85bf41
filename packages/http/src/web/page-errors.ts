import { isBackendUnavailable } from '@lockkeeper/core'
import { errorResponse } from '../error-response.ts'
import { isRequestError } from '../request-error.ts'
import type { Route } from '../route.ts'
import { pageResponse } from './page-response.ts'
import { messagePage } from './pages/message-page.ts'
import type { Web } from './web.ts'

/** The route with pages in place of what a program would be told when something goes wrong. */
export const withErrorPages = (route: Route, web: Web): Route => ({
  ...route,
  async handle(request, info) {
    try {
      return await route.handle(request, info)
    } catch (error) {
      const { status, headers } = errorResponse(error, info.requestId, web.log)
      const retryAfter = headers.get('retry-after')
      const page = messagePage({ brand: web.brand, ...explain(error), reference: info.requestId })
      return pageResponse(page, { status, ...(retryAfter !== null && { headers: { 'Retry-After': retryAfter } }) })
    }
  },
})

function explain(error: unknown) {
  const link = { href: '/', text: 'Back to the start' }
  if (isRequestError(error)) {
    const { message } = error
    return { title: 'That did not work', text: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, link }
  }
  if (isBackendUnavailable(error)) {
    const text =
      'Something that this server depends on does not answer. Nothing was changed. Please try again in a minute.'
    return { title: 'Not available at the moment', text, link }
  }
  return { title: 'Something went wrong', text: 'The server made a mistake. Please tell your administrator.', link }
}
