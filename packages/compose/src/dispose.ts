/**
 * Disposes values in the order given; what cannot be disposed is passed over. All are tried, also when one fails.
 *
 * @throws the only failure, or an `AggregateError` of several.
 */
export async function dispose(values: readonly unknown[]): Promise<void> {
  const failures: unknown[] = []
  for (const value of values) {
    try {
      if (isAsyncDisposable(value)) await value[Symbol.asyncDispose]()
      else if (isDisposable(value)) value[Symbol.dispose]()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures, 'several parts could not be closed')
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' || typeof value === 'function') && value !== null

const isAsyncDisposable = (value: unknown): value is AsyncDisposable =>
  isObject(value) && Symbol.asyncDispose in value && typeof value[Symbol.asyncDispose] === 'function'

const isDisposable = (value: unknown): value is Disposable =>
  isObject(value) && Symbol.dispose in value && typeof value[Symbol.dispose] === 'function'
