import type { AuditEvent, AuditSink, Clock, Step } from '@lockkeeper/core'

/** Records an event with the time of the wall clock. A sink that throws decides nothing. */
export function recordSafely(audit: AuditSink, clock: Clock, event: Omit<AuditEvent, 'at'>): void {
  try {
    audit.record({ at: new Date(clock.wallMs()).toISOString(), ...event })
  } catch {
    // A failing audit must neither let in nor lock out.
  }
}

/** One step of a trace as logs and audit show it. */
export const formatStep = ({ name, outcome }: Step): string => `${name}: ${outcome}`
