import type { AuditSink, Clock } from '@lockkeeper/core'

/** Something an operator should know. It never holds a secret, and a name only when an account was found by it. */
export type LockoutEvent = { readonly message: string } & (
  | { readonly type: 'off' }
  | {
      readonly type: 'frozen'
      readonly space: string
      /** The name of a known account, or `unknown:` and a short digest. */
      readonly name: string
      /** The network it came from. */
      readonly source: string
      /** Consecutive failures, this one included. */
      readonly failures: number
      readonly forMs: number
    }
  | { readonly type: 'source_limited'; readonly source: string; readonly forMs: number }
  | { readonly type: 'spray'; readonly failures: number }
  | { readonly type: 'store_failed' | 'store_lost' | 'store_back' }
)

/** Takes events. What it throws is dropped: telling decides nothing. */
export type LockoutListener = (event: LockoutEvent) => void

/** A listener that writes every event to an audit sink. */
export function auditLockout(audit: AuditSink, clock: Pick<Clock, 'wallMs'>): LockoutListener {
  return ({ type, message, ...event }) => {
    const { name, source, ...details } = { name: undefined, source: undefined, ...event }
    audit.record({
      type: 'lockout',
      at: new Date(clock.wallMs()).toISOString(),
      outcome: type,
      reason: message,
      ...(name !== undefined && { name }),
      ...(source !== undefined && { source }),
      details,
    })
  }
}

/** Makes a listener that nothing can throw out of. */
export function quietly(listener: LockoutListener | undefined): LockoutListener {
  return (event) => {
    try {
      listener?.(event)
    } catch {
      // A listener that throws must decide nothing.
    }
  }
}
