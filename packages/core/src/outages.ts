import type { BackendUnavailableError } from './errors.ts'

/**
 * Which modes could not tell when they were last asked. A frozen attempt asks nobody; this lets it be answered like one
 * that did, or a freeze would tell during an outage which names are known.
 */
export interface Outages {
  failed(mode: string, error: BackendUnavailableError): void
  answered(mode: string): void
  /** The error of one mode that is down, as far as is known. */
  current(): BackendUnavailableError | undefined
}

/** Remembers one error for each mode, until the mode verifies again. */
export function createOutages(): Outages {
  const errors = new Map<string, BackendUnavailableError>()
  return {
    failed: (mode, error) => {
      errors.set(mode, error)
    },
    answered: (mode) => {
      errors.delete(mode)
    },
    current: () => errors.values().next().value,
  }
}
