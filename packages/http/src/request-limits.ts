import { badRequest, RequestError } from './request-error.ts'

/** The most that is read of a request before its route sees it. */
export const REQUEST_LIMITS = { headerCount: 64, headerBytes: 32 * 1024, queryCharacters: 8 * 1024 } as const

/**
 * Refuses requests that are too long to be looked at.
 *
 * @throws {RequestError} 400 for the query, 431 for the header fields.
 */
export function checkRequestLimits(url: URL, headers: Headers): void {
  if (url.search.length > REQUEST_LIMITS.queryCharacters) {
    throw badRequest(`the query is longer than ${REQUEST_LIMITS.queryCharacters} characters`, 'query_too_long')
  }
  let count = 0
  let bytes = 0
  for (const [name, value] of headers) {
    count++
    // The colon, the space and the line end go over the wire as well.
    bytes += name.length + value.length + 4
  }
  if (count > REQUEST_LIMITS.headerCount || bytes > REQUEST_LIMITS.headerBytes) throw headersTooLarge()
}

/** 431: too many header fields, or too long ones. */
export const headersTooLarge = (): RequestError =>
  new RequestError({
    status: 431,
    code: 'UNSUPPORTED',
    message: `send at most ${REQUEST_LIMITS.headerCount} header fields and ${REQUEST_LIMITS.headerBytes} bytes of them`,
    reason: 'headers_too_large',
  })
