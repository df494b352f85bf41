import type { RequestLog, RequestLogEntry } from '../error-response.ts'
import type { RequestInfo } from '../route.ts'

/** Logs a request that ended with a redirect to a page that says what is wrong. A log that throws changes nothing. */
export function logSafely(
  log: RequestLog,
  entry: Omit<RequestLogEntry, 'requestId' | 'status'>,
  { requestId }: RequestInfo,
): void {
  try {
    log({ ...entry, requestId, status: 303 })
  } catch {
    // As in errors: the answer stays.
  }
}
