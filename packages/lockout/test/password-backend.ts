import type { Attempt, Reserve } from '@lockkeeper/core'

/** What a verification in these tests ends with. */
export type Verdict = { readonly outcome: 'authenticated' | 'rejected' | 'frozen' }

/** An attempt in space `people` from one address, unless told otherwise. */
export const attempt = (name: string, secret: string, more: Partial<Attempt> = {}): Attempt => ({
  space: 'people',
  name,
  secret,
  source: '192.0.2.1',
  ...more,
})

/**
 * A backend with one password for every account. It counts what it verifies, and while a barrier is up it holds every
 * verification until the test takes the barrier down.
 *
 * @param accountOf The account of a name; `undefined` for a name nobody has.
 */
export function passwordBackend(
  options: { readonly password?: string; readonly accountOf?: (name: string) => string | undefined } = {},
) {
  const { accountOf = (name: string) => `id of ${name}` } = options
  let barrier: PromiseWithResolvers<void> | undefined
  const backend = {
    password: options.password ?? 'right',
    started: 0,
    refused: 0,
    failing: undefined as Error | undefined,
    /** What a kept result is checked with; keeps nothing unless a test says so. */
    stillTrue: async (): Promise<boolean> => false,
    /** Runs while a verification is under way. */
    work: async (): Promise<void> => {},
    raiseBarrier(): void {
      barrier = Promise.withResolvers()
    },
    takeBarrierDown(): void {
      barrier?.resolve()
      barrier = undefined
    },
    verify:
      ({ name, secret }: Attempt) =>
      async (reserve: Reserve): Promise<Verdict> => {
        if (!(await reserve(accountOf(name)))) return { outcome: 'frozen' }
        backend.started += 1
        await barrier?.promise
        await backend.work()
        if (backend.failing) throw backend.failing
        if (secret === backend.password && accountOf(name) !== undefined) return { outcome: 'authenticated' }
        backend.refused += 1
        return { outcome: 'rejected' }
      },
  }
  return backend
}
