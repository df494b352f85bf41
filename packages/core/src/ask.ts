import type { Call } from './authenticator.ts'
import { BackendUnavailableError, isBackendUnavailable } from './errors.ts'

/** One line of a trace: who was asked, and what it said. */
export interface Step {
  readonly name: string
  readonly outcome: string
}

/** What goes with every question of one login. */
export interface Asking {
  readonly call: Call
  /** The trace so far; each question adds a line. */
  readonly steps: Step[]
}

/**
 * Asks a mode, or the accounts, within the time budget and leaves a line in the trace. Whatever is thrown becomes
 * "cannot tell": an unexpected error is no refusal, and no reason to let anybody in.
 *
 * @param name Who is asked, for the trace and the error.
 * @param describe What the trace says of the answer.
 * @throws {BackendUnavailableError} and nothing else.
 */
export async function ask<T>(
  name: string,
  { call, steps }: Asking,
  question: (call: Call) => Promise<T>,
  describe: (answer: T) => string,
): Promise<T> {
  try {
    const answer = await withinBudget(name, call, question)
    steps.push({ name, outcome: describe(answer) })
    return answer
  } catch (error) {
    steps.push({ name, outcome: 'unavailable' })
    throw isBackendUnavailable(error)
      ? error
      : new BackendUnavailableError(name, 'failed unexpectedly', { cause: error })
  }
}

function withinBudget<T>(name: string, call: Call, question: (call: Call) => Promise<T>): Promise<T> {
  const { signal } = call
  return new Promise((resolve, reject) => {
    const late = () => reject(new BackendUnavailableError(name, 'did not answer within the time budget of the login'))
    if (signal.aborted) return late()
    signal.addEventListener('abort', late, { once: true })
    // Who ignores the signal must not hold the login; what it answers later is dropped.
    Promise.resolve(call)
      .then(question)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late))
  })
}
