import { createHmac, randomBytes } from 'node:crypto'

/** Where a guessable secret was presented: `token`, `token-form`, `v2`, `login-form`, `cli` or a door of your own. */
export type Door = string

/** One line of the audit: who tried what, from where, and how it ended. Never holds a secret. */
export interface AuditEvent {
  readonly type: 'login' | 'token' | 'administration' | 'lockout' | 'keys' | 'backend'
  /** UTC, RFC 3339 with milliseconds. */
  readonly at: string
  /** `authenticated`, `rejected`, `frozen`, `unavailable`, `issued`, `denied`, ... */
  readonly outcome: string
  /** For the operator; a client is never told. */
  readonly reason?: string
  readonly door?: Door
  readonly source?: string
  readonly requestId?: string
  readonly mode?: string
  readonly accountId?: number
  /** The stored or canonical name of a known account, or `unknown:` and a digest: people type passwords into name fields. */
  readonly name?: string
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

/** Takes audit events. It must not throw; one that does is ignored, since an audit failure is no reason to let in. */
export interface AuditSink {
  record(event: AuditEvent): void
}

/** Drops every event; for tests and small programs. */
export const silentAudit: AuditSink = { record: () => {} }

const digestKey = randomBytes(32)

/** A name that no account is known by, fit for a log: equal names look equal within one process, and nothing else shows. */
export const unknownName = (name: string): string =>
  `unknown:${createHmac('sha256', digestKey).update(name).digest('hex').slice(0, 12)}`
