import { randomBytes } from 'node:crypto'
import { setTimeout as pass } from 'node:timers/promises'
import type { LockoutStore } from '@lockkeeper/lockout'
import { fakeClock } from '@lockkeeper/testing'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startMariadb } from '../../../test/servers/mariadb.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { openDatabase, sqlLockoutStore } from '../src/index.ts'
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

  describe('reserving', () => {
    it('is granted once, and busy for as long as the lease', async () => {
      expect(await store.reserve([a], one, 5000)).toEqual(granted())
      const busy = await store.reserve([a], two, 5000)
      expect(busy).toMatchObject({ outcome: 'busy' })
      expect(busy).toHaveProperty(
        'forMs',
        expect.toSatisfy((ms: number) => ms > 3000 && ms <= 5000),
      )
      expect(await store.reserve([a], one, 5000)).toEqual(granted())
    })

    it('takes all keys or none', async () => {
      await store.reserve([b], one, 5000)
      expect(await store.reserve([a, b], two, 5000)).toMatchObject({ outcome: 'busy' })
      expect(await store.reserve([a], one, 5000)).toEqual(granted())
    })

    it('ends with its lease, so that a holder that dies frees its keys', async () => {
      await store.reserve([a], one, 60)
      await pass(80)
      expect(await store.reserve([a], two, 5000)).toEqual(granted())
    })

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

  describe('settling', () => {
    it('frees without a freeze, and only what is held', async () => {
      await store.reserve([a, b], one, 5000)
      await store.settle([a, b], two, 0)
      expect(await store.reserve([a], two, 5000)).toMatchObject({ outcome: 'busy' })
      await store.settle([a, b], one, 0)
      expect(await store.reserve([a, b], two, 5000)).toEqual(granted())
    })

    it('LCK-01: freezes every key for as long as told', async () => {
      await store.reserve([a, b], one, 5000)
      await store.settle([a, b], one, 300)
      const frozen = await store.reserve([b], two, 5000)
      expect(frozen).toMatchObject({ outcome: 'frozen' })
      expect(frozen).toHaveProperty(
        'forMs',
        expect.toSatisfy((ms: number) => ms > 50 && ms <= 300),
      )
      await pass(320)
      expect(await store.reserve([a, b], two, 5000)).toEqual(granted())
    })

    it('freezes keys that nobody reserved, and never shortens a freeze', async () => {
      await store.settle([a], one, 5000, trace(1, 0, '192.0.2.7'))
      await store.settle([a], two, 50, trace(1, 0, '192.0.2.8'))
      await pass(70)
      expect(await store.reserve([a], one, 5000)).toMatchObject({ outcome: 'frozen' })
      expect((await store.list(100)).find(({ key }) => key === a)).toMatchObject({ source: '192.0.2.7' })
    })

    it('says frozen before busy', async () => {
      await store.settle([a], one, 5000)
      await store.reserve([b], one, 5000)
      expect(await store.reserve([b, a], two, 5000)).toMatchObject({ outcome: 'frozen' })
    })

    it('freezes for a holder whose lease ran out, and leaves the next one its reservation', async () => {
      await store.reserve([a], one, 40)
      await pass(60)
      await store.reserve([a], two, 5000)
      await store.settle([a], one, 100, trace(1, 5000))
      expect(await store.reserve([a], digest(), 5000)).toMatchObject({ outcome: 'frozen' })
      await pass(130)
      expect(await store.reserve([a], digest(), 5000)).toMatchObject({ outcome: 'busy' })
      await store.settle([a], two, 0)
      expect(await store.reserve([a], digest(), 5000)).toEqual(granted(1))
    })
  })

  describe('failures', () => {
    it('outlive the freeze, and are the most of any key', async () => {
      await store.reserve([a], one, 5000)
      await store.settle([a], one, 30, trace(7, 800))
      await pass(50)
      expect(await store.reserve([b, a], two, 5000)).toEqual(granted(7))
      await store.settle([b, a], two, 0)
      expect(await store.reserve([a], one, 5000)).toEqual(granted(7))
      await store.settle([a], one, 0)
      await pass(900)
      expect(await store.reserve([a], one, 5000)).toEqual(granted(0))
    })

    it('are replaced by what their holder says, forgotten included', async () => {
      await store.reserve([a], one, 5000)
      await store.settle([a], one, 30, trace(5, 60_000))
      await pass(50)
      await store.reserve([a], one, 5000)
      await store.settle([a], one, 30, trace(2, 60_000))
      await pass(50)
      expect(await store.reserve([a], one, 5000)).toEqual(granted(2))
      await store.settle([a], one, 0, trace(0, 0))
      expect(await store.reserve([a], one, 5000)).toEqual(granted(0))
    })

    it('are not lowered by a holder whose lease ran out', async () => {
      await store.reserve([a], one, 5000)
      await store.settle([a], one, 0, trace(9, 60_000))
      await store.reserve([a], two, 40)
      await pass(60)
      await store.settle([a], two, 0, trace(0, 0))
      await store.settle([a], two, 30, trace(1, 60_000))
      await pass(50)
      expect(await store.reserve([a], one, 5000)).toEqual(granted(9))
    })
  })

  describe('marks', () => {
    it('last for as long as told, and do not meet locks', async () => {
      await store.mark(a, 150)
      expect([await store.isMarked(a), await store.isMarked(b)]).toEqual([true, false])
      expect(await store.reserve([a], one, 5000)).toEqual(granted())
      await pass(170)
      expect(await store.isMarked(a)).toBe(false)
      await store.mark(a, 5000)
      expect(await store.isMarked(a)).toBe(true)
    })
  })

  describe('the operator', () => {
    it('sees the freezes that run, those that end last first', async () => {
      await fixture.db.knex('lockkeeper_lockout').delete()
      await store.settle([a], one, 4000, trace(2, 0, '192.0.2.7'))
      await store.settle([b], one, 8000)
      await store.settle([digest()], one, 30)
      await pass(50)
      const freezes = await store.list(10)
      expect(freezes.map(({ key, failures, source }) => ({ key, failures, source }))).toEqual([
        { key: b, failures: 0, source: '' },
        { key: a, failures: 2, source: '192.0.2.7' },
      ])
      expect(freezes.map(({ sinceMs, forMs }) => sinceMs + forMs)).toEqual([8000, 4000])
      expect(await store.list(1)).toHaveLength(1)
    })

    it('ends freezes and forgets failures, and keeps reservations', async () => {
      await store.settle([a], one, 5000, trace(9, 60_000))
      await store.reserve([b], one, 5000)
      await store.clear([a, b])
      expect(await store.reserve([a], two, 5000)).toEqual(granted(0))
      expect(await store.reserve([b], two, 5000)).toMatchObject({ outcome: 'busy' })
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

  it('asks once to reserve what is free, and once to settle (MariaDB: once more for the failures)', async () => {
    let statements = 0
    const count = () => {
      statements += 1
    }
    fixture.db.knex.on('query', count)
    await store.reserve([a, b], one, 5000)
    const reserving = statements
    await store.settle([a, b], one, 1000, trace(1, 0))
    fixture.db.knex.off('query', count)
    expect([reserving, statements - reserving]).toEqual(fixture.name === 'MariaDB' ? [2, 1] : [1, 1])
  })
})

const need = requires('mariadb')
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
