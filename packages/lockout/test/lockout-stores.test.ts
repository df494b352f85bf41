import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { fakeClock } from '@lockkeeper/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../../test/servers/redis.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type LockoutStore, memoryLockoutStore, redisLockoutStore, withFallback } from '../src/index.ts'

/** A store, and how its time passes. */
interface Made {
  readonly store: LockoutStore
  pass(ms: number): Promise<void>
}

const digest = (): string => randomBytes(32).toString('base64url')
const trace = (failures: number, rememberMs: number, source = '192.0.2.1') => ({ failures, rememberMs, source })

function semantics(make: () => Made): void {
  const setUp = () => ({ ...make(), a: digest(), b: digest(), one: digest(), two: digest() })

  it('grants what nobody has, and calls the rest busy for as long as the lease', async () => {
    const { store, a, one, two } = setUp()
    expect(await store.reserve([a], one, 5000)).toEqual({ outcome: 'granted', failures: 0 })
    const busy = await store.reserve([a], two, 5000)
    expect(busy).toMatchObject({ outcome: 'busy' })
    if (busy.outcome === 'busy') expect(busy.forMs).toBeGreaterThan(4000)
  })

  it('takes all keys or none', async () => {
    const { store, a, b, one, two } = setUp()
    await store.reserve([b], one, 5000)
    expect(await store.reserve([a, b], two, 5000)).toMatchObject({ outcome: 'busy' })
    expect(await store.reserve([a], one, 5000)).toMatchObject({ outcome: 'granted' })
  })

  it('lets one of many who ask at once have a key', async () => {
    const { store, a } = setUp()
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.reserve([a], digest(), 5000)))
    expect(answers.filter(({ outcome }) => outcome === 'granted')).toHaveLength(1)
  })

  it('lets a holder reserve again', async () => {
    const { store, a, one } = setUp()
    await store.reserve([a], one, 5000)
    expect(await store.reserve([a], one, 5000)).toMatchObject({ outcome: 'granted' })
  })

  it('frees what is settled without a freeze', async () => {
    const { store, a, b, one, two } = setUp()
    await store.reserve([a, b], one, 5000)
    await store.settle([a, b], one, 0)
    expect(await store.reserve([a, b], two, 5000)).toMatchObject({ outcome: 'granted' })
  })

  it('LCK-01: freezes every key that is settled so, for as long as told', async () => {
    const { store, a, b, one, two, pass } = setUp()
    await store.reserve([a, b], one, 5000)
    await store.settle([a, b], one, 300)
    const frozen = await store.reserve([b], two, 5000)
    expect(frozen).toMatchObject({ outcome: 'frozen' })
    if (frozen.outcome === 'frozen') {
      expect(frozen.forMs).toBeGreaterThan(100)
      expect(frozen.forMs).toBeLessThanOrEqual(300)
    }
    await pass(320)
    expect(await store.reserve([a, b], two, 5000)).toMatchObject({ outcome: 'granted' })
  })

  it('says frozen before busy', async () => {
    const { store, a, b, one, two } = setUp()
    await store.reserve([a], one, 5000)
    await store.settle([a], one, 5000)
    await store.reserve([b], one, 5000)
    expect(await store.reserve([b, a], two, 5000)).toMatchObject({ outcome: 'frozen' })
  })

  it('frees the keys of a holder that died, when its lease ends', async () => {
    const { store, a, one, two, pass } = setUp()
    await store.reserve([a], one, 100)
    await pass(120)
    expect(await store.reserve([a], two, 5000)).toMatchObject({ outcome: 'granted' })
  })

  it('freezes for a holder whose lease ran out, and leaves the next holder its reservation', async () => {
    const { store, a, one, two, pass } = setUp()
    await store.reserve([a], one, 50)
    await pass(70)
    await store.reserve([a], two, 5000)
    await store.settle([a], one, 100, trace(1, 5000))
    expect(await store.reserve([a], digest(), 5000)).toMatchObject({ outcome: 'frozen' })
    await pass(120)
    expect(await store.reserve([a], digest(), 5000)).toMatchObject({ outcome: 'busy' })
    await store.settle([a], two, 0)
    expect(await store.reserve([a], digest(), 5000)).toEqual({ outcome: 'granted', failures: 1 })
  })

  it('forgets no failures for a holder whose lease ran out', async () => {
    const { store, a, one, two, pass } = setUp()
    await store.reserve([a], one, 5000)
    await store.settle([a], one, 0, trace(9, 60_000))
    await store.reserve([a], two, 50)
    await pass(70)
    await store.settle([a], two, 0, trace(0, 0))
    await store.settle([a], two, 50, trace(1, 60_000))
    await pass(70)
    expect(await store.reserve([a], one, 5000)).toEqual({ outcome: 'granted', failures: 9 })
  })

  it('changes nothing for a holder that settles what it does not hold', async () => {
    const { store, a, one, two } = setUp()
    await store.reserve([a], one, 5000)
    await store.settle([a], two, 0, trace(0, 0))
    expect(await store.reserve([a], two, 5000)).toMatchObject({ outcome: 'busy' })
  })

  it('never shortens a freeze that runs', async () => {
    const { store, a, one, two, pass } = setUp()
    await store.settle([a], one, 5000)
    await store.settle([a], two, 50)
    await pass(70)
    expect(await store.reserve([a], one, 5000)).toMatchObject({ outcome: 'frozen' })
  })

  it('remembers failures beyond the freeze, the most of any key, and forgets them in time', async () => {
    const { store, a, b, one, two, pass } = setUp()
    await store.reserve([a], one, 5000)
    await store.settle([a], one, 50, trace(7, 600))
    await pass(70)
    expect(await store.reserve([b, a], two, 5000)).toEqual({ outcome: 'granted', failures: 7 })
    await store.settle([b, a], two, 0)
    expect(await store.reserve([a], one, 5000)).toEqual({ outcome: 'granted', failures: 7 })
    await store.settle([a], one, 0)
    await pass(700)
    expect(await store.reserve([a], one, 5000)).toEqual({ outcome: 'granted', failures: 0 })
  })

  it('forgets failures when told that there are none', async () => {
    const { store, a, one } = setUp()
    await store.reserve([a], one, 5000)
    await store.settle([a], one, 0, trace(3, 60_000))
    await store.reserve([a], one, 5000)
    await store.settle([a], one, 0, trace(0, 0))
    expect(await store.reserve([a], one, 5000)).toEqual({ outcome: 'granted', failures: 0 })
  })

  it('keeps marks for as long as told, and apart from locks', async () => {
    const { store, a, b, one, pass } = setUp()
    await store.mark(a, 200)
    await store.reserve([b], one, 5000)
    expect([await store.isMarked(a), await store.isMarked(b)]).toEqual([true, false])
    expect(await store.reserve([a], one, 5000)).toMatchObject({ outcome: 'granted' })
    await pass(220)
    expect(await store.isMarked(a)).toBe(false)
  })

  it('lists the freezes that run, those that end last first', async () => {
    const { store, a, b, one, pass } = setUp()
    await store.settle([a], one, 4000, trace(2, 0, '192.0.2.7'))
    await store.settle([b], one, 8000)
    await store.settle([digest()], one, 40)
    await store.reserve([digest()], one, 5000)
    await pass(60)
    const freezes = await store.list(10)
    expect(freezes.map(({ key, failures, source }) => ({ key, failures, source }))).toEqual([
      { key: b, failures: 0, source: '' },
      { key: a, failures: 2, source: '192.0.2.7' },
    ])
    for (const { key, sinceMs, forMs } of freezes) {
      expect(sinceMs).toBeGreaterThan(50)
      expect(sinceMs + forMs).toBeCloseTo(key === a ? 4000 : 8000, -1)
    }
    expect(await store.list(1)).toHaveLength(1)
  })

  it('ends freezes and forgets failures when told, and keeps reservations', async () => {
    const { store, a, b, one, two } = setUp()
    await store.settle([a], one, 5000, trace(9, 60_000))
    await store.reserve([b], one, 5000)
    await store.clear([a, b])
    expect(await store.list(10)).toEqual([])
    expect(await store.reserve([a], two, 5000)).toEqual({ outcome: 'granted', failures: 0 })
    expect(await store.reserve([b], two, 5000)).toMatchObject({ outcome: 'busy' })
  })
}

describe('the memory store', () => {
  semantics(() => {
    const clock = fakeClock()
    return { store: memoryLockoutStore({ clock }), pass: (ms) => clock.advance(ms) }
  })
})

describe('a store with a fallback', () => {
  semantics(() => {
    const clock = fakeClock()
    return { store: withFallback(memoryLockoutStore({ clock }), { clock }), pass: (ms) => clock.advance(ms) }
  })
})

const need = requires('redis')
describe.skipIf(need.skip)(`the Redis store${need.note}`, () => {
  let server: RedisServer
  let client: Redis
  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.port, '127.0.0.1')
  })
  afterAll(async () => {
    client?.disconnect()
    await server?.stop()
  })

  semantics(() => ({
    store: redisLockoutStore(client, { prefix: `{${digest()}}:` }),
    pass: (ms) => setTimeout(ms),
  }))

  it('LCK-12: leaves nothing behind that does not end by itself', async () => {
    const store = redisLockoutStore(client, { prefix: '{ttl}:' })
    const [a, b, holder] = [digest(), digest(), digest()]
    await store.reserve([a, b], holder, 5000)
    await store.settle([a], holder, 3000, trace(4, 60_000))
    await store.mark(digest(), 5000)
    const keys = await client.keys('{ttl}:*')
    expect(keys.length).toBeGreaterThanOrEqual(4)
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0)
  })

  it('holds nothing once all is settled', async () => {
    const store = redisLockoutStore(client, { prefix: '{empty}:' })
    const [a, holder] = [digest(), digest()]
    await store.reserve([a], holder, 5000)
    await store.settle([a], holder, 0, trace(0, 60_000))
    expect(await client.keys('{empty}:*')).toEqual([])
  })

  it('is one script and one round trip for each question', async () => {
    const sent: string[] = []
    const counting = {
      eval: (...args: [string, number, ...string[]]) => {
        sent.push(args[0].slice(0, 1))
        return client.eval(...args)
      },
    }
    const store = redisLockoutStore(counting)
    await store.reserve([digest(), digest()], digest(), 5000)
    expect(sent).toHaveLength(1)
  })

  it('refuses an answer that it does not understand', async () => {
    const store = redisLockoutStore({ eval: async () => 'QUEUED' })
    await expect(store.reserve([digest()], digest(), 5000)).rejects.toThrow(TypeError)
    await expect(store.list(1)).rejects.toThrow(TypeError)
  })
})
