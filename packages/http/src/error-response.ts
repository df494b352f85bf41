import { isBackendUnavailable } from '@lockkeeper/core'
import { type ErrorBodyParts, formatErrorBody } from '@lockkeeper/registry-protocol'
import { formatStep } from './audit-record.ts'
import { isRequestError } from './request-error.ts'
import { textResponse } from './response.ts'

/** One line about a request that was not answered as asked; `reason` and `error` are for the operator alone. */
export interface RequestLogEntry {
  /** `info` for what a client did wrong, `warn` for an outage, `error` for a bug. */
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly requestId: string
  readonly status: number
  readonly reason: string
  /** Who was asked who this is, and what they said: `basic: rejected`. */
  readonly trace?: readonly string[]
  readonly error?: unknown
}

/** Takes log lines. One that throws is ignored. */
export type RequestLog = (entry: RequestLogEntry) => void

/** What is told about an error: to the client, and to the operator. */
interface Report {
  readonly status: number
  readonly body: ErrorBodyParts
  readonly headers: Readonly<Record<string, string>>
  readonly entry: Pick<RequestLogEntry, 'level' | 'message' | 'reason' | 'trace' | 'error'>
}

/**
 * Turns an error into an answer; nothing else does. The client gets a status, a generic sentence in both body shapes and
 * the request id; the reason goes to the log.
 *
 * A {@link RequestError} is answered as it says, a `BackendUnavailableError` with 503 and `Retry-After`, all else with 500.
 */
export function errorResponse(error: unknown, requestId: string, log: RequestLog): Response {
  const { status, body, headers, entry } = report(error)
  try {
    log({ ...entry, requestId, status })
  } catch {
    // A log that throws must not change the answer.
  }
  return textResponse(formatErrorBody(body), { status, headers })
}

function report(error: unknown): Report {
  if (isRequestError(error)) {
    const { status, problem: code, message, oauthError, headers, reason, trace = [], cause } = error
    return {
      status,
      headers,
      body: { code, message, ...(oauthError && { oauthError }) },
      entry: {
        level: 'info',
        message: 'request refused',
        reason,
        ...(trace.length > 0 && { trace: trace.map(formatStep) }),
        ...(cause !== undefined && { error: cause }),
      },
    }
  }
  if (isBackendUnavailable(error)) {
    const retryAfter = Math.max(1, Math.ceil(error.retryAfterSeconds))
    return {
      status: 503,
      headers: { 'Retry-After': String(retryAfter) },
      body: { code: 'UNAVAILABLE' },
      entry: { level: 'warn', message: 'cannot tell', reason: error.message, error },
    }
  }
  return {
    status: 500,
    headers: {},
    body: { code: 'UNKNOWN' },
    entry: { level: 'error', message: 'unexpected error', reason: 'unexpected_error', error },
  }
}
