import type { AuditEvent, AuditSink } from '@lockkeeper/core'

/** An audit sink that keeps what it is given, in order, for a test to read. */
export interface RecordingAudit extends AuditSink {
  readonly events: readonly AuditEvent[]
}

/** Makes a {@link RecordingAudit}. */
export function recordingAudit(): RecordingAudit {
  const events: AuditEvent[] = []
  return {
    events,
    record(event) {
      events.push(event)
    },
  }
}
