import { type FakeClock, fakeClock } from '@lockkeeper/testing'
import { createLockout, type LockoutEvent, type LockoutOptions, memoryLockoutStore } from '../src/index.ts'
import { attempt, passwordBackend } from './password-backend.ts'

/** A lockout in memory on a clock that stands still, and a backend to guess at. */
export function engine(
  options: Partial<Omit<LockoutOptions, 'clock'>> & { readonly clock?: FakeClock } = {},
  backendOptions: Parameters<typeof passwordBackend>[0] = {},
) {
  const { clock = fakeClock(), ...rest } = options
  const events: LockoutEvent[] = []
  const lockout = createLockout({
    store: memoryLockoutStore({ clock }),
    clock,
    onEvent: (event) => events.push(event),
    ...rest,
  })
  const backend = passwordBackend(backendOptions)
  const guard = async (...args: Parameters<typeof attempt>) => {
    const what = attempt(...args)
    return lockout.guard(what, backend.verify(what), { stillTrue: async () => backend.stillTrue() })
  }
  const outcome = async (...args: Parameters<typeof attempt>): Promise<string> => (await guard(...args)).result.outcome
  return { clock, events, lockout, backend, guard, outcome }
}
