import { fakeClock } from '@lockkeeper/testing'
import { describe, expect, it, vi } from 'vitest'
import { type Backend, createHandler, type HealthEndpointParts, healthEndpoint } from '../src/index.ts'
import { asker } from './house.ts'

const up: Backend = { name: 'database', ping: async () => {} }
const down: Backend = { name: 'ldap_auth', ping: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.9:636')) }

const health = (parts: Partial<HealthEndpointParts> = {}) => {
  const clock = fakeClock()
  const routes = healthEndpoint({ backends: [], clock, ...parts })
  return { clock, ask: asker(createHandler({ routes, log: () => {}, hosts: ['auth.example.com'] })) }
}

describe('health', () => {
  it('is alive whatever its backends do, under every host', async () => {
    const response = await health({ backends: [down] }).ask('/healthz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'alive' }])
  })

  it('is ready when every backend answers', async () => {
    const response = await health({ backends: [up] }).ask('/readyz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }])
  })

  it('is not ready when one is down: its configured name is shown, the reason goes to the operator', async () => {
    const onDown = vi.fn()
    const response = await health({ backends: [up, down], onDown }).ask('/readyz')
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await response.text()).toBe('{"status":"unavailable","down":["ldap_auth"]}')
    expect(onDown.mock.calls).toEqual([
      [
        'ldap_auth',
        expect.objectContaining({ message: expect.stringContaining('636') }),
        response.headers.get('x-request-id'),
      ],
    ])
  })

  it('is ready without an optional one, and names it', async () => {
    const onDown = vi.fn()
    const spare: Backend = { ...down, name: 'lockout', optional: true }
    const response = await health({ backends: [up, spare], onDown }).ask('/readyz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'degraded', down: ['lockout'] }])
    expect(onDown).not.toHaveBeenCalled()

    const both = await health({ backends: [spare, down], onDown }).ask('/readyz')
    expect([both.status, await both.json()]).toEqual([503, { status: 'unavailable', down: ['lockout', 'ldap_auth'] }])
  })

  it('takes a ping that throws at once, and a log that throws, for what they are', async () => {
    const broken: Backend = {
      name: 'broken',
      ping: () => {
        throw new TypeError('a bug')
      },
    }
    const onDown = () => {
      throw new Error('disk full')
    }
    expect((await health({ backends: [broken], onDown }).ask('/readyz')).status).toBe(503)
  })

  it('OPS-05: gives a ping its budget and no more, though it ignores its signal', async () => {
    const signals: AbortSignal[] = []
    const silent: Backend = {
      name: 'silent',
      ping: ({ signal }) => {
        signals.push(signal)
        return new Promise(() => {})
      },
    }
    const { ask, clock } = health({ backends: [up, silent], budgetMs: 2000 })
    const pending = ask('/readyz')
    await clock.advance(1999)
    expect(signals[0]?.aborted).toBe(false)
    await clock.advance(1)
    const response = await pending
    expect(await response.json()).toEqual({ status: 'unavailable', down: ['silent'] })
    expect(signals[0]?.aborted).toBe(true)
  })

  it('OPS-05: asks its backends once for probes that come together or within a second', async () => {
    let asked = 0
    const counted: Backend = {
      name: 'counted',
      ping: async () => {
        asked++
      },
    }
    const { ask, clock } = health({ backends: [counted] })
    await Promise.all([ask('/readyz'), ask('/readyz'), ask('/readyz')])
    await clock.advance(999)
    await ask('/readyz')
    expect(asked).toBe(1)
    await clock.advance(1)
    await ask('/readyz')
    expect(asked).toBe(2)
  })

  it('OPS-05: does not start a second round while a slow one is under way', async () => {
    let asked = 0
    const slow: Backend = {
      name: 'slow',
      ping: () => {
        asked++
        return new Promise(() => {})
      },
    }
    const { ask, clock } = health({ backends: [slow], cacheMs: 100 })
    const first = ask('/readyz')
    await clock.advance(1500)
    const second = ask('/readyz')
    await clock.advance(500)
    expect([(await first).status, (await second).status, asked]).toEqual([503, 503, 1])
  })

  it('OPS-03: is not ready once the server stops', async () => {
    const stop = new AbortController()
    const { ask } = health({ backends: [up], stopSignal: stop.signal })
    expect((await ask('/readyz')).status).toBe(200)
    stop.abort()
    expect((await ask('/readyz')).status).toBe(503)
    expect((await ask('/healthz')).status).toBe(200)
  })

  it('leaves no timer behind', async () => {
    const { ask, clock } = health({ backends: [up, down] })
    await ask('/readyz')
    expect(clock.pendingSleeps).toBe(0)
  })
})
