import type { AuditSink } from '@lockkeeper/core'
import type { RequestLog } from '@lockkeeper/http'
import { type Logger, pino } from 'pino'
import type { Settings } from './config/schema.ts'

/** Structured lines on standard error, one JSON object each. */
export function createLog(level: Settings['log']['level']): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    pino.destination({ dest: 2, sync: false }),
  )
}

/** Audit events as log lines: one for each attempt and each token. */
export function auditToLog(log: Logger): AuditSink {
  return {
    record({ type, at: _at, ...event }) {
      const level = type === 'lockout' && ALARMS.has(event.outcome) ? 'warn' : 'info'
      log[level]({ audit: type, ...event }, `${type} ${event.outcome}`)
    },
  }
}

/** What an operator of the lockout should look at. */
const ALARMS: ReadonlySet<string> = new Set(['off', 'source_limited', 'spray', 'store_failed', 'store_lost'])

/** Requests that were not answered as asked. */
export const requestsToLog =
  (log: Logger): RequestLog =>
  ({ level, message, error, ...entry }) =>
    log[level]({ ...entry, ...(error !== undefined && { err: error }) }, message)

/** Name, code, message and causes; whatever else a driver attached to an error stays out of the log. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: 'something was thrown that is no error' }
  const { name, message, stack, cause } = error
  return {
    name,
    ...('code' in error && { code: String(error.code) }),
    message,
    ...(depth === 0 && { stack }),
    ...(cause !== undefined && depth < 3 && { cause: describeError(cause, depth + 1) }),
  }
}
