import { BackendUnavailableError } from '@lockkeeper/core'
import { withinBudget } from './budget.ts'
import { DirectoryFailure } from './failure.ts'
import { WireError } from './wire/wire-error.ts'

/**
 * Asks the directory within the time budget of a login, and turns every way of getting no answer into "cannot tell".
 *
 * @throws {BackendUnavailableError}
 */
export async function askDirectory<T>(
  mode: string,
  caller: AbortSignal,
  ms: number,
  question: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withinBudget(caller, ms, question)
  } catch (error) {
    if (!(error instanceof DirectoryFailure || error instanceof WireError)) throw error
    throw new BackendUnavailableError(mode, error.message, { cause: error })
  }
}
