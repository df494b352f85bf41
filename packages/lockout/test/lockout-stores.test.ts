import { setTimeout } from 'node:timers/promises'
import { fakeClock, lockoutStoreContract } from '@lockkeeper/testing'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../../test/servers/redis.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { lockKey, memoryLockoutStore, type RedisScripting, redisLockoutStore, withFallback } from '../src/index.ts'

const a = lockKey({ space: 'people', name: 'jane' })
const b = lockKey({ space: 'people', account: 'id of jane' })
const trace = (failures: number, rememberMs: number) => ({ failures, rememberMs, source: '192.0.2.1' })

describe('the memory store', () => {
  lockoutStoreContract(
    { describe, it },
    {
      make() {
        const clock = fakeClock()
        return { store: memoryLockoutStore({ clock }), advance: (ms) => clock.advance(ms) }
      },
    },
  )
})

describe('a memory store without room for more than one key', () => {
  it('LCK-11: still freezes and reserves what it keeps in buckets', async () => {
    const clock = fakeClock()
    const store = memoryLockoutStore({ clock, maxEntries: 1 })
    await store.reserve([a, b], 'one', 5000)
    expect(await store.reserve([b], 'two', 5000)).toMatchObject({ outcome: 'busy' })
    await store.settle([a, b], 'one', 1500)
    expect(await store.reserve([b], 'two', 5000)).toEqual({ outcome: 'frozen', forMs: 1500 })
    await clock.advance(1501)
    expect(await store.reserve([b, a], 'two', 5000)).toMatchObject({ outcome: 'granted' })
  })
})

describe('a store with a fallback', () => {
  lockoutStoreContract(
    { describe, it },
    {
      make() {
        const clock = fakeClock()
        const store = withFallback(memoryLockoutStore({ clock }), { clock })
        return { store, advance: (ms) => clock.advance(ms) }
      },
    },
  )
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

  let made = 0
  lockoutStoreContract(
    // Every rule has a store of its own, so they wait together.
    { describe, it: it.concurrent },
    {
      make() {
        made += 1
        return { store: redisLockoutStore(client, { prefix: `{contract ${made}}:` }), advance: (ms) => setTimeout(ms) }
      },
      toleranceMs: 200,
    },
  )

  it('LCK-12: leaves nothing behind that does not end by itself', async () => {
    const store = redisLockoutStore(client, { prefix: '{ttl}:' })
    await store.reserve([a, b], 'holder', 5000)
    await store.settle([a], 'holder', 3000, trace(4, 60_000))
    await store.mark(a, 5000)
    const keys = await client.keys('{ttl}:*')
    expect(keys.length).toBe(4)
    for (const key of keys) expect(await client.pttl(key)).toBeGreaterThan(0)
  })

  it('lists a long freeze after a short one', async () => {
    const store = redisLockoutStore(client, { prefix: '{index}:' })
    await store.settle([a], 'holder', 60_000)
    await store.settle([b], 'holder', 10)
    await setTimeout(50)
    expect((await store.list(10)).map(({ key }) => key)).toEqual([a])
  })

  it('holds nothing once all is settled', async () => {
    const store = redisLockoutStore(client, { prefix: '{empty}:' })
    await store.reserve([a], 'holder', 5000)
    await store.settle([a], 'holder', 0, trace(0, 60_000))
    expect(await client.keys('{empty}:*')).toEqual([])
  })

  /** How many commands of each kind the server was sent since the statistics were last reset. */
  async function scriptsRun() {
    const stats = await client.info('commandstats')
    const calls = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    return { eval: calls('eval'), evalsha: calls('evalsha') }
  }

  it('LCK-12: asks once for all keys of an attempt, and once to settle them, without sending the script', async () => {
    const store = redisLockoutStore(client)
    await store.reserve([a, b], 'holder', 5000)
    await client.config('RESETSTAT')
    await store.reserve([a, b], 'holder', 5000)
    expect(await scriptsRun()).toEqual({ eval: 0, evalsha: 1 })
    await store.settle([a, b], 'holder', 0, trace(0, 0))
    expect(await scriptsRun()).toEqual({ eval: 0, evalsha: 2 })
  })

  it('sends the script to a server that does not know it', async () => {
    const store = redisLockoutStore(client, { prefix: '{restarted}:' })
    await client.script('FLUSH')
    await client.config('RESETSTAT')
    expect(await store.reserve([a], 'holder', 5000)).toMatchObject({ outcome: 'granted' })
    expect(await store.reserve([a], 'other', 5000)).toMatchObject({ outcome: 'busy' })
    expect(await scriptsRun()).toEqual({ eval: 1, evalsha: 2 })
  })

  it('sends the script each time through a client that cannot ask for it by its digest', async () => {
    const plain = { eval: (...question: Parameters<RedisScripting['eval']>) => client.eval(...question) }
    const store = redisLockoutStore(plain, { prefix: '{plain}:' })
    await client.config('RESETSTAT')
    expect(await store.reserve([a], 'holder', 5000)).toMatchObject({ outcome: 'granted' })
    expect(await scriptsRun()).toEqual({ eval: 1, evalsha: 0 })
  })

  it('tries nothing again that failed for another reason', async () => {
    let asked = 0
    const failing = async () => {
      asked += 1
      throw new Error('READONLY You cannot write against a read only replica')
    }
    const store = redisLockoutStore({ eval: failing, evalsha: failing })
    await expect(store.reserve([a], 'holder', 5000)).rejects.toThrow('READONLY')
    expect(asked).toBe(1)
  })

  it('refuses an answer that it does not understand', async () => {
    const store = redisLockoutStore({ eval: async () => 'QUEUED' })
    await expect(store.reserve([a], 'holder', 5000)).rejects.toThrow(TypeError)
    await expect(store.list(1)).rejects.toThrow(TypeError)
  })
})
