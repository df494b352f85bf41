import type { Authenticator, Call } from './authenticator.ts'
import { BackendUnavailableError, isBackendUnavailable } from './errors.ts'

/**
 * Calls a mode within the time budget and leaves a line in the trace. Whatever it throws becomes "cannot tell": an
 * unexpected error is no refusal, and no reason to let anybody in.
 *
 * @throws {BackendUnavailableError} and nothing else.
 */
export async function askMode<T>(
  authenticator: Authenticator,
  context: { readonly call: Call; readonly steps: { readonly name: string; readonly outcome: string }[] },
  ask: (call: Call) => Promise<T>,
): Promise<T> {
  const { mode } = authenticator
  try {
    const answer = await withinBudget(mode, context.call, () => ask(context.call))
    context.steps.push({ name: mode, outcome: describe(answer) })
    return answer
  } catch (error) {
    context.steps.push({ name: mode, outcome: 'unavailable' })
    if (isBackendUnavailable(error)) throw error
    throw new BackendUnavailableError(mode, 'failed unexpectedly', { cause: error })
  }
}

function withinBudget<T>(mode: string, { signal }: Call, ask: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new BackendUnavailableError(mode, 'did not answer within the time budget of the login'))
    if (signal.aborted) return late()
    signal.addEventListener('abort', late, { once: true })
    // A mode that ignores the signal must not hold the login; what it answers later is dropped.
    Promise.resolve()
      .then(ask)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', late))
  })
}

function describe(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null) return 'done'
  if ('outcome' in answer && typeof answer.outcome === 'string') return answer.outcome
  return 'account' in answer && answer.account !== undefined ? 'knows the name' : 'does not know the name'
}
