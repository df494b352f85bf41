import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRedis } from '../../../test/servers/redis.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { openRedisLockoutStore } from '../src/lockout/redis.ts'
import { type House, makeHouse } from './house.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.remove())

const check = async (lockout: object) => {
  await house.configure(`lockout: ${JSON.stringify(lockout)}`)
  return house.run(['check-config'])
}

describe('check-config asks the store of the lockout', () => {
  it.each(['memory', 'database'])('%s', async (store) => {
    expect(await check({ store })).toMatchObject({ code: 0, stdout: expect.stringContaining('ok    lockout\n') })
  })

  it('redis that is not there, and says what to do without the password of its URL', async () => {
    // Nobody listens on port 1.
    const { code, stdout } = await check({ store: 'redis', redis: { url: 'redis://user:hunter2@127.0.0.1:1' } })
    expect(code).toBe(1)
    expect(stdout).toContain(
      'FAIL  lockout: Redis at 127.0.0.1:1 cannot be reached (ECONNREFUSED): start it, or mend lockout.redis.url',
    )
    expect(stdout).not.toContain('hunter2')
  })

  it('a lockout that is off, and warns as the start does', async () => {
    const { code, stdout } = await check({ freezeMs: 0 })
    expect(code).toBe(0)
    expect(stdout).toContain('warn  lockout: freezeMs: 0 turns it off: ')
  })

  const need = requires('redis')
  it.skipIf(need.skip)(`redis${need.note}`, async () => {
    const redis = await startRedis()
    expect(await check({ store: 'redis', redis: { url: redis.url, prefix: '{ours}:' } })).toMatchObject({ code: 0 })

    await redis.send('CONFIG SET requirepass hunter2')
    const { code, stdout } = await check({ store: 'redis', redis: { url: redis.url.replace('//', '//:hunter3@') } })
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /FAIL {2}lockout: Redis at 127\.0\.0\.1:\d+ answers: WRONGPASS .*; mend user and password in/,
    )
    expect(stdout).not.toContain('hunter3')
    expect((await check({ store: 'redis', redis: { url: redis.url } })).stdout).toMatch(/answers: NOAUTH .*; mend user/)
    await redis.stop()
  })

  it.skipIf(need.skip)(
    `a connection that broke is told as one that is gone, not in words of the client${need.note}`,
    async () => {
      const redis = await startRedis()
      const { store, close } = await openRedisLockoutStore({ url: redis.url })
      await store.list(1)
      await redis.kill()
      for (const wait of [0, 500]) {
        await delay(wait)
        await expect(store.list(1)).rejects.toThrow(
          /^lockout: Redis at 127\.0\.0\.1:\d+ cannot be reached \((no connection|ECONN[A-Z]+)\): start it/,
        )
      }
      await close()
      await redis.stop()
    },
  )
})
