import { setTimeout as pause } from 'node:timers/promises'
import { BackendUnavailableError, type Clock, ConflictError } from '@lockkeeper/core'
import type { Knex } from 'knex'
import { createBreaker } from './breaker.ts'
import { faultOf, withoutStatement } from './faults.ts'

/** A unique constraint was violated. Stores catch it and say what is taken; one that escapes is a conflict all the same. */
export class UniqueViolationError extends ConflictError {}

/** An outage that time does not mend; `ping` and `migrate` turn it into a configuration error. */
export class UnusableDatabaseError extends BackendUnavailableError {}

/** Runs work on a database, tries again what may be tried again, and says what went wrong in our terms. */
export interface Guarded {
  query<T>(work: (knex: Knex) => PromiseLike<T>): Promise<T>
  /** A query that is made even while the database rests after failures, and ends the rest when it succeeds. */
  probe<T>(work: (knex: Knex) => PromiseLike<T>): Promise<T>
  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>
}

const MOST_WAITING = 500

/** @param retryForMs How long work is tried again that met a lock or a deadlock; nothing else is ever tried again. */
export function createGuarded(knex: Knex, clock: Clock, retryForMs: number): Guarded {
  const breaker = createBreaker(clock)
  // Told of each error before the caller is.
  knex.on('query-error', withoutStatement)

  async function attempt<T>(work: () => PromiseLike<T>, check = breaker.check): Promise<T> {
    const giveUpAt = clock.monotonicMs() + retryForMs
    for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 2, 100)) {
      check()
      refuseWhenFull(knex)
      try {
        const result = await work()
        breaker.succeeded()
        return result
      } catch (thrown) {
        const fault = faultOf(thrown)
        if (fault === undefined || fault.kind === 'duplicate') breaker.succeeded()
        if (fault?.kind === 'retry' && clock.monotonicMs() < giveUpAt) {
          await pause(pauseMs * (0.5 + Math.random()))
          continue
        }
        const error = translate(thrown)
        if (fault?.kind === 'down') breaker.failed(error)
        throw error
      }
    }
  }

  return {
    // `await` runs a knex builder once; a builder that is returned as it is would run each time somebody awaits it.
    query: (work) => attempt(async () => await work(knex)),
    probe: (work) =>
      attempt(
        async () => await work(knex),
        () => {},
      ),
    transaction: (work) => attempt(() => knex.transaction(work)),
  }
}

function refuseWhenFull({ client }: Knex): void {
  const { pool } = client as Knex.Client
  if (pool && 'numPendingAcquires' in pool && pool.numPendingAcquires() >= MOST_WAITING) {
    throw new BackendUnavailableError('database', `more than ${MOST_WAITING} queries wait for a connection`)
  }
}

function translate(thrown: unknown): Error {
  if (!(thrown instanceof Error)) return new Error('the database driver threw something that is no error')
  const error = withoutValues(thrown)
  const fault = faultOf(error)
  switch (fault?.kind) {
    case undefined:
      return error
    case 'duplicate':
      return new UniqueViolationError('the database has such a record already', { cause: error })
    case 'retry':
      return new BackendUnavailableError('database', 'locked by somebody else for too long', { cause: error })
    case 'down':
      return new BackendUnavailableError('database', fault.message, { cause: error })
    case 'unusable':
      return new UnusableDatabaseError('database', fault.message, { cause: error, retryAfterSeconds: 30 })
  }
}

/** Drivers and knex attach the statement with its values to their errors; among these are password hashes. */
function withoutValues(error: Error): Error {
  for (const key of ['sql', 'bindings', 'detail', 'where', 'internalQuery', 'parameters'])
    Reflect.deleteProperty(error, key)
  return error
}
