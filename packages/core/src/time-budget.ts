import type { Clock } from './clock.ts'

/** Runs work with a signal that aborts after `budgetMs`; the work decides what that means. */
export async function withBudget<T>(
  clock: Clock,
  budgetMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const budget = new AbortController()
  const finished = new AbortController()
  void clock.sleep(budgetMs, finished.signal).then(() => {
    if (!finished.signal.aborted) budget.abort()
  })
  try {
    return await work(budget.signal)
  } finally {
    // With a reason of its own: the default one is an error, made with its stack for each login.
    finished.abort('finished')
  }
}
