/**
 * Does something within `ms` milliseconds, or until the caller's signal ends it.
 *
 * @param work Is given the signal of both.
 */
export async function withinBudget<T>(
  caller: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const budget = new AbortController()
  const end = (): void => budget.abort()
  const timer = setTimeout(end, Math.max(0, ms))
  caller.addEventListener('abort', end, { once: true })
  if (caller.aborted) end()
  try {
    return await work(budget.signal)
  } finally {
    clearTimeout(timer)
    caller.removeEventListener('abort', end)
  }
}
