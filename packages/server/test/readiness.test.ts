import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LockkeeperServer, startLockkeeper } from '../../../test/e2e/lockkeeper.ts'
import { type RedisServer, startRedis } from '../../../test/servers/redis.ts'
import { requires } from '../../../test/servers/requirements.ts'

const need = requires('redis')
describe.skipIf(need.skip)(`a server whose Redis goes away${need.note}`, () => {
  let redis: RedisServer
  let local: LockkeeperServer
  let deny: LockkeeperServer
  beforeAll(async () => {
    redis = await startRedis()
    // A loaded machine is no outage.
    const section = { store: 'redis', redis: { url: redis.url }, storeTimeoutMs: 1500 }
    const start = (whenStoreLost: string) =>
      startLockkeeper(`lockout: ${JSON.stringify({ ...section, whenStoreLost })}\n`)
    ;[local, deny] = await Promise.all([start('local'), start('deny')])
  }, 60_000)
  afterAll(async () => {
    await Promise.all([local?.stop(), deny?.stop()])
    await redis?.stop()
  })

  /** Asks as a balancer does: a round of pings is believed for a second, and a lost store is left alone for one. */
  const until = ({ host }: LockkeeperServer, expected: { readonly status: number; readonly body: object }) =>
    expect
      .poll(
        async () => {
          const response = await fetch(`http://${host}/readyz`)
          return { status: response.status, body: await response.json() }
        },
        { timeout: 20_000, interval: 200 },
      )
      .toEqual(expected)
  const ready = { status: 200, body: { status: 'ready' } }

  it('says so, and is ready where its own freezes apply meanwhile; without a login it finds it back', {
    timeout: 150_000,
  }, async () => {
    await until(local, ready)
    await until(deny, ready)
    await redis.kill()
    await until(local, { status: 200, body: { status: 'degraded', down: ['lockout'] } })
    await until(deny, { status: 503, body: { status: 'unavailable', down: ['lockout'] } })
    await expect.poll(() => deny.log(), { timeout: 10_000 }).toMatch(/"reason":"lockout is down"/)
    await redis.restart()
    await until(local, ready)
    await until(deny, ready)
  })
})
