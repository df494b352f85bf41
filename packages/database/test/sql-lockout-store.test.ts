import { randomBytes } from 'node:crypto'
import { setTimeout as pass } from 'node:timers/promises'
import type { LockoutStore } from '@lockkeeper/lockout'
import { fakeClock, lockoutStoreContract } from '@lockkeeper/testing'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type MariadbServer, startMariadb } from '../../../test/servers/mariadb.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type Database, openDatabase, sqlLockoutStore } from '../src/index.ts'
import { login, onEveryDatabase } from './on-every-database.ts'

const digest = (): string => randomBytes(32).toString('base64url')
const trace = (failures: number, rememberMs: number, source = '192.0.2.1') => ({ failures, rememberMs, source })
const granted = (failures = 0) => ({ outcome: 'granted', failures })

onEveryDatabase((fixture) => {
  let store: LockoutStore
  let [a, b, one, two] = ['', '', '', '']
  beforeAll(() => {
    store = sqlLockoutStore(fixture.db)
  })
  beforeEach(() => {
    ;[a, b, one, two] = [digest(), digest(), digest(), digest()]
  })

  lockoutStoreContract(
    { describe, it },
    {
      async make() {
        await fixture.db.knex('lockkeeper_lockout').delete()
        return { store: sqlLockoutStore(fixture.db), advance: pass }
      },
      toleranceMs: 200,
    },
  )

  describe('reserving', () => {
    it('of one key twice is as of one', async () => {
      expect(await store.reserve([a, a], one, 5000)).toEqual(granted())
      await store.settle([a, a], one, 5000, trace(1, 0))
      expect(await store.reserve([a, a], two, 5000)).toMatchObject({ outcome: 'frozen' })
    })

    it('of nothing is granted', async () => {
      expect(await store.reserve([], one, 5000)).toEqual(granted())
      await store.settle([], one, 1000)
      await store.clear([])
    })

    it('LCK-12: is granted to one of many, by whichever connection or process they ask', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => store.reserve([a, b], digest(), 5000)))
      expect(answers.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1)
      expect(answers.filter(({ outcome }) => outcome === 'busy')).toHaveLength(39)
    })

    it('LCK-12: is never granted in part to those whose keys cross', async () => {
      for (let round = 0; round < 10; round++) {
        const keys = Array.from({ length: 4 }, digest)
        const pairs = keys.map((key, i) => [key, keys[(i + 1) % keys.length]!])
        const holders = pairs.map(digest)
        const answers = await Promise.all(pairs.map((pair, i) => store.reserve(pair, holders[i]!, 5000)))
        const held = pairs.filter((_, i) => answers[i]!.outcome === 'granted').flat()
        expect(new Set(held).size).toBe(held.length)
        const free = keys.filter((key) => !held.includes(key))
        expect(await store.reserve(free, digest(), 5000)).toEqual(granted())
      }
    })
  })

  it('LCK-11: what is over takes no space', async () => {
    const { knex } = fixture.db
    await knex('lockkeeper_lockout').delete()
    const clock = fakeClock()
    const tidying = sqlLockoutStore(fixture.db, { clock })
    await tidying.reserve([a], one, 1)
    await tidying.settle([b], one, 1)
    await tidying.mark(a, 1)
    await pass(20)
    const alive = digest()
    await clock.advance(10_000)
    await tidying.settle([alive], one, 60_000)
    await vi.waitFor(async () => {
      expect(await knex('lockkeeper_lockout').pluck('lock_key')).toEqual([alive])
      expect(await knex('lockkeeper_lockout_mark').where('mark_key', a)).toEqual([])
    })
  })

  it('LCK-12: two databases handles of two processes act as one', async () => {
    const options = await fixture.empty()
    const [here, there] = [openDatabase(options), openDatabase(options)]
    await here.migrate()
    const stores = [sqlLockoutStore(here), sqlLockoutStore(there)]
    const tries = Array.from({ length: 20 }, (_, i) => stores[i % 2]!.reserve([a], digest(), 5000))
    const answers = await Promise.all(tries)
    expect(answers.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1)
    await Promise.all([here.close(), there.close()])
  })

  it('LCK-12: asks once to reserve what is free, and once to settle', async () => {
    const warm = sqlLockoutStore(fixture.db)
    await warm.reserve([digest()], one, 5000)
    const statements: string[] = []
    const count = ({ sql }: { readonly sql: string }) => statements.push(sql)
    fixture.db.knex.on('query', count)
    await warm.reserve([a, b], one, 5000)
    expect(statements).toHaveLength(1)
    await warm.settle([a, b], one, 1000, trace(1, 0))
    fixture.db.knex.off('query', count)
    expect(statements).toHaveLength(2)
  })
})

const need = requires('mariadb')
describe.skipIf(need.skip)(`on a server that returns no rows from an insert, as MySQL${need.note}`, () => {
  let server: MariadbServer
  let db: Database
  beforeAll(async () => {
    server = await startMariadb()
    const { name } = await server.createDatabase()
    db = openDatabase({ client: 'mysql2', connection: login(server.port, name) })
    await db.migrate()
  })
  afterAll(async () => {
    await db?.close()
    await server?.stop()
  })

  /** A MariaDB that says it is a MySQL. */
  const disguised = (): Database => ({
    ...db,
    async query<T>(work: (knex: Knex) => PromiseLike<T>): Promise<T> {
      const answer = await db.query(work)
      return JSON.stringify([answer]).includes('-MariaDB') ? ([[{ version: '8.4.6' }]] as T) : answer
    },
  })

  it('reserving is granted, busy or frozen all the same, and tells the failures', async () => {
    const store = sqlLockoutStore(disguised())
    const [a, b, one, two] = [digest(), digest(), digest(), digest()]
    expect(await store.reserve([a, b], one, 5000)).toEqual(granted())
    expect(await store.reserve([b], two, 5000)).toMatchObject({ outcome: 'busy' })
    await store.settle([a, b], one, 0, trace(3, 60_000))
    expect(await store.reserve([digest(), a], two, 5000)).toEqual(granted(3))
    await store.settle([a], two, 5000, trace(4, 60_000))
    expect(await store.reserve([a, b], one, 5000)).toMatchObject({ outcome: 'frozen' })
  })

  it('it is asked once more for the failures', async () => {
    const store = sqlLockoutStore(disguised())
    await store.reserve([digest()], digest(), 5000)
    const statements: string[] = []
    db.knex.on('query', ({ sql }) => statements.push(sql))
    await store.reserve([digest(), digest()], digest(), 5000)
    expect(statements.map((sql) => sql.includes('returning'))).toEqual([false, false])
  })
})

describe.skipIf(need.skip)(`LCK-12: on a MariaDB that is set to another isolation${need.note}`, () => {
  it('a key is granted to one of many all the same', async () => {
    const server = await startMariadb(['--transaction-isolation=READ-COMMITTED'])
    const { name } = await server.createDatabase()
    const db = openDatabase({ client: 'mysql2', connection: login(server.port, name) })
    await db.migrate()
    const store = sqlLockoutStore(db)
    for (let round = 0; round < 60; round++) {
      const keys = [digest(), digest()]
      const answers = await Promise.all(Array.from({ length: 20 }, () => store.reserve(keys, digest(), 5000)))
      expect(answers.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1)
    }
    await db.close()
    await server.stop()
  })
})
