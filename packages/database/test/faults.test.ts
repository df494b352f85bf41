import type { Knex } from 'knex'
import { describe, expect, it } from 'vitest'
import { faultOf, withoutStatement } from '../src/connection/faults.ts'
import { onEveryDatabase } from './on-every-database.ts'

describe('an error of a driver', () => {
  it('loses its statement, and nothing of what the driver said', () => {
    const error = new Error('select a - b from c - a - b is no number')
    withoutStatement(error, { sql: 'select a - b from c' })
    expect(error.message).toBe('a - b is no number')
    withoutStatement(error, { sql: 'select a - b from c' })
    withoutStatement(error, {})
    expect(error.message).toBe('a - b is no number')
  })

  it('is no outage for the words of a statement', () => {
    const error = new Error("select 'timed out' - something of ours is wrong")
    withoutStatement(error, { sql: "select 'timed out'" })
    expect(faultOf(error)).toBeUndefined()
  })
})

onEveryDatabase((fixture) => {
  it('an error that nobody knows carries neither statement nor values', async () => {
    const asked = (knex: Knex) => knex('harbor_user').whereRaw('nosuch(username, ?) = 1', ['c4nary'])
    for (const query of [fixture.db.query(asked), fixture.db.transaction(async (trx) => await asked(trx))]) {
      const error: unknown = await query.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(Error)
      expect(String(error)).toContain('nosuch')
      expect(String(error)).not.toMatch(/harbor_user|select \*| - /)
      expect(JSON.stringify({ ...(error as Error) })).not.toContain('c4nary')
    }
  })
})
