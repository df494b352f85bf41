import { BackendUnavailableError } from '@lockkeeper/core'
import { type Budget, startBudget } from './budget.ts'
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
  question: (budget: Budget) => Promise<T>,
): Promise<T> {
  try {
    return await question(startBudget(caller, ms))
  } catch (error) {
    if (!(error instanceof DirectoryFailure || error instanceof WireError)) throw error
    throw new BackendUnavailableError(mode, error.message, { cause: error })
  }
}
