import type { ChainRequest, LinkResult } from '@lockkeeper/core'
import { createAccountDirectory, memoryAccounts } from '@lockkeeper/core'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import { fakeClock, recordingAudit } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { answering } from '../../../test/servers/answering.ts'
import type { AuthProxy } from '../../../test/servers/auth-proxy.ts'
import type { HttpAuthOptions } from '../src/index.ts'
import { authOf, JANE, proxy } from './house.ts'

const context = { kind: 'local', isAuthenticated: true } as never

/** The link for tokens, with a lockout and accounts of its own. */
function houseOf(backend: AuthProxy, options: Partial<HttpAuthOptions> = {}) {
  const clock = fakeClock()
  const audit = recordingAudit()
  const accounts = createAccountDirectory(memoryAccounts())
  const lockout = createLockout({ store: memoryLockoutStore({ clock }), clock })
  const links = authOf(backend, options).links?.({ lockout, accounts, clock, audit, contextOf: () => context }) ?? []
  const ask = async (presented: ChainRequest['presented']): Promise<LinkResult> =>
    (await links.at(-1)?.generate({
      request: new Request('https://auth.example.com/service/token'),
      path: '/service/token',
      source: '192.0.2.1',
      connection: { peer: '192.0.2.1', tls: true },
      requestId: 'r-1',
      door: 'token',
      presented,
    })) ?? { outcome: 'abstained' }
  const enter = (username: string, password: string) => ask({ kind: 'password', username, password })
  return { clock, audit, lockout, ask, enter }
}

describe('tokenreview$ names', () => {
  it('log in by a token, as the person it belongs to', async () => {
    const backend = await proxy()
    const { enter, audit } = houseOf(backend)
    expect(await enter('tokenreview$Jane', backend.tokenOf('Jane'))).toMatchObject({ outcome: 'context', context })
    expect(audit.events).toMatchObject([{ outcome: 'authenticated', mode: 'http_auth', name: 'Jane', door: 'token' }])
  })

  it('are nobody’s but the person’s whose token it is, letter by letter', async () => {
    const backend = await proxy()
    for (const name of ['bob', 'jane', 'JANE', 'Jane2']) {
      const { enter } = houseOf(backend)
      const result = await enter(`tokenreview$${name}`, backend.tokenOf('Jane'))
      expect(result).toMatchObject({ outcome: 'rejected', reason: 'not_allowed' })
    }
  })

  it('refuse a token that is over or nobody’s, and a password', async () => {
    const backend = await proxy()
    const token = backend.tokenOf('Jane')
    backend.endTokens()
    for (const secret of [token, 'session.unknown', JANE.password]) {
      const { enter } = houseOf(backend)
      expect(await enter('tokenreview$Jane', secret)).toMatchObject({ outcome: 'rejected', reason: 'bad_credentials' })
    }
    expect(backend.passwordsTried).toBe(0)
  })

  it('take tokens that are longer than passwords', async () => {
    const backend = await proxy()
    const long = 't'.repeat(3_072)
    backend.answer(backend.reviewUrl(), (request, response) =>
      answering(201, {
        kind: 'TokenReview',
        apiVersion: 'authentication.k8s.io/v1',
        status: {
          authenticated: JSON.parse(backend.requests.at(-1)?.body ?? '').spec.token === long,
          user: { username: 'Jane' },
        },
      })(request, response),
    )
    expect(await houseOf(backend).enter('tokenreview$Jane', long)).toMatchObject({ outcome: 'context' })
    expect(await houseOf(backend).enter('tokenreview$Jane', `${long}t`)).toMatchObject({ reason: 'malformed' })
  })

  it('are not asked about when the token could not be one', async () => {
    const backend = await proxy()
    for (const secret of ['two words', 'über', 'line\nend', 'x\u0001']) {
      const { enter } = houseOf(backend)
      expect(await enter('tokenreview$Jane', secret)).toMatchObject({ outcome: 'rejected', reason: 'bad_credentials' })
    }
    expect(backend.requests).toEqual([])
  })

  it('cannot be told while the proxy is down, which freezes nobody', async () => {
    const backend = await proxy()
    const token = backend.tokenOf('Jane')
    const { enter } = houseOf(backend)
    backend.answer(backend.reviewUrl(), answering(503, {}))
    await expect(enter('tokenreview$Jane', token)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    backend.answer(backend.reviewUrl())
    expect(await enter('tokenreview$Jane', token)).toMatchObject({ outcome: 'context' })
  })

  it('APX-01: lose the prefix once', async () => {
    const odd = { username: 'tokenreview$eve', password: 'x' }
    const backend = await proxy({ people: [JANE, odd] })
    const token = () => backend.tokenOf('tokenreview$eve')
    expect(await houseOf(backend).enter('tokenreview$tokenreview$eve', token())).toMatchObject({ outcome: 'context' })
    expect(await houseOf(backend).enter('tokenreview$eve', token())).toMatchObject({ reason: 'not_allowed' })
  })

  it.each(['TokenReview$Jane', 'ｔokenreview$Jane', 'tokenreview＄Jane', 'tokenreview$'])(
    'that are spelled %s go nowhere else, so that no token gets to where passwords go',
    async (name) => {
      const backend = await proxy()
      const { enter, clock } = houseOf(backend)
      expect(await enter(name, backend.tokenOf('Jane'))).toMatchObject({
        outcome: 'rejected',
        reason: 'malformed',
        answerAt: expect.closeTo(clock.monotonicMs() + 1500, 0),
      })
      expect(backend.requests).toEqual([])
    },
  )

  it('are no other names and no other credentials', async () => {
    const backend = await proxy()
    const { enter, ask } = houseOf(backend)
    for (const name of ['Jane', 'tokenreview', 'tokenreview-Jane', 'xtokenreview$Jane', 'robot$ci', '']) {
      expect(await enter(name, 'x')).toEqual({ outcome: 'abstained' })
    }
    const token = backend.tokenOf('Jane')
    for (const presented of [
      { kind: 'none' },
      { kind: 'unusable' },
      { kind: 'bearer', token },
      { kind: 'secret', secret: token },
      { kind: 'cookie', value: token },
    ] as const) {
      expect(await ask(presented)).toEqual({ outcome: 'abstained' })
    }
    expect(backend.requests).toEqual([])
  })

  it('have a prefix of their own for each instance', async () => {
    const backend = await proxy()
    for (const [options, prefix] of [
      [{ instance: 'emea' }, 'tokenreview-emea$'],
      [{ instance: 'emea', tokenPrefix: 'emea$' }, 'emea$'],
    ] as const) {
      const { enter } = houseOf(backend, options)
      expect(await enter('tokenreview$Jane', backend.tokenOf('Jane'))).toEqual({ outcome: 'abstained' })
      expect(await enter(`${prefix}Jane`, backend.tokenOf('Jane'))).toMatchObject({ outcome: 'context' })
    }
  })
})

describe('LCK-06: the freeze of tokens', () => {
  it('holds for the name, and lets one review through in 1500 ms', async () => {
    const backend = await proxy()
    const { enter, clock } = houseOf(backend)
    await enter('tokenreview$Jane', 'session.unknown')
    const asked = backend.requests.length
    expect(await enter('tokenreview$Jane', backend.tokenOf('Jane'))).toMatchObject({ reason: 'frozen' })
    expect(backend.requests.length).toBe(asked)
    await clock.advance(1501)
    expect(await enter('tokenreview$Jane', backend.tokenOf('Jane'))).toMatchObject({ outcome: 'context' })
  })

  it('is apart from that of passwords: a pipeline with an old token locks nobody out', async () => {
    const backend = await proxy()
    const { enter, lockout } = houseOf(backend)
    await enter('tokenreview$Jane', 'session.unknown')
    const attempt = { space: 'people', name: 'jane', secret: 'x', source: '192.0.2.1' }
    const { result } = await lockout.guard(attempt, async (reserve) => ({
      outcome: (await reserve()) ? 'authenticated' : 'frozen',
    }))
    expect(result).toEqual({ outcome: 'authenticated' })
  })
})
