import { BackendUnavailableError, type SecurityContext, silentAudit } from '@lockkeeper/core'
import { fakeClock, recordingAudit } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { type ChainLink, type ChainParts, createChain, type LinkResult, type RequestInfo } from '../src/index.ts'
import { basic } from './house.ts'

const somebody = { kind: 'local', isAuthenticated: true, username: 'jane' } as SecurityContext
const yes: LinkResult = { outcome: 'context', context: somebody }
const no: LinkResult = { outcome: 'rejected', reason: 'bad_credentials' }
const notMine: LinkResult = { outcome: 'abstained' }

/** A link that always says the same, and counts how often it was asked. */
const link = (name: string, answer: LinkResult | (() => LinkResult | Promise<LinkResult>)) => {
  const asked: string[] = []
  const generate: ChainLink['generate'] = async ({ presented }) => {
    asked.push(presented.kind)
    return typeof answer === 'function' ? answer() : answer
  }
  return { name, generate, asked }
}

const chainOf = (links: readonly ChainLink[], parts: Partial<ChainParts> = {}) =>
  createChain({
    links,
    clock: fakeClock(),
    audit: silentAudit,
    lockout: { heldUntil: (arrivedAt) => arrivedAt },
    ...parts,
  })

const info: RequestInfo = {
  requestId: 'r1',
  url: new URL('http://auth.test/service/token'),
  path: '/service/token',
  source: '192.0.2.7',
  connection: { peer: '192.0.2.7', tls: false },
}

const identify = (chain: ReturnType<typeof chainOf>, headers: Record<string, string> = {}) =>
  chain.identify(new Request(info.url, { headers }), info, { door: 'token' })

const password = { authorization: basic('jane', 'x') }

describe('the security chain', () => {
  it('asks the links in order, and the first that does not abstain decides', async () => {
    const last = link('last', no)
    const result = await identify(chainOf([link('first', notMine), link('second', yes), last]), password)
    expect(result).toMatchObject({ outcome: 'context', link: 'second', context: { username: 'jane' } })
    expect(last.asked).toEqual([])
  })

  it('shows each link what was presented, parsed once', async () => {
    const seen: unknown[] = []
    const spy: ChainLink = {
      name: 'spy',
      async generate({ request: _, ...rest }) {
        seen.push(rest)
        return yes
      },
    }
    await chainOf([spy]).identify(new Request(info.url), info, {
      door: 'token-form',
      form: { username: 'jane', password: 'x' },
    })
    const presented = { kind: 'password', username: 'jane', password: 'x' }
    const { path, source, connection, requestId } = info
    expect(seen).toEqual([{ path, source, connection, requestId, door: 'token-form', presented }])
  })

  it('CHN-01: ends with the first refusal; no later link, cookie or anonymous is asked', async () => {
    const session = link('session', yes)
    const result = await identify(chainOf([link('basic', no), session], { sessionCookie: 'sid' }), {
      ...password,
      cookie: 'sid=valid',
    })
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'bad_credentials' })
    expect(session.asked).toEqual([])
  })

  it.each([
    ['password', password],
    ['bearer', { authorization: 'Bearer abc' }],
    ['secret', { authorization: 'Harbor-Secret abc' }],
    ['cookie', { cookie: 'sid=abc' }],
  ])('CHN-01: refuses a %s that every link abstained from', async (kind, headers: Record<string, string>) => {
    const anonymous = link('anonymous', notMine)
    const result = await identify(chainOf([anonymous], { sessionCookie: 'sid' }), headers)
    expect(result).toMatchObject({ outcome: 'rejected', reason: `${kind}_not_accepted` })
    expect(anonymous.asked).toEqual([kind])
  })

  it('CHN-01: refuses what cannot be a credential as malformed', async () => {
    const result = await identify(chainOf([link('a', notMine)]), { authorization: 'Basic ???' })
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'malformed' })
  })

  it('CHN-01: a link that cannot tell ends the chain with its own error', async () => {
    const down = new BackendUnavailableError('database', 'is down')
    const next = link('next', yes)
    const failing = link('failing', () => Promise.reject(down))
    await expect(identify(chainOf([failing, next]), password)).rejects.toBe(down)
    expect(next.asked).toEqual([])
  })

  it.each([
    ['throws something else', () => Promise.reject(new TypeError('a bug'))],
    [
      'throws at once',
      () => {
        throw new Error('a bug')
      },
    ],
    ['answers with an unknown outcome', async () => ({ outcome: 'maybe' }) as unknown as LinkResult],
    ['answers with nothing', async () => undefined as unknown as LinkResult],
  ])('CHN-01: a link that %s cannot tell, and the next one is not asked', async (_, answer) => {
    const next = link('next', yes)
    await expect(identify(chainOf([link('broken', answer), next]), password)).rejects.toMatchObject({
      code: 'ERR_BACKEND_UNAVAILABLE',
      backend: 'chain link broken',
    })
    expect(next.asked).toEqual([])
  })

  it('refuses nobody in particular without waiting when no link lets the anonymous in', async () => {
    const audit = recordingAudit()
    const lockout = { heldUntil: () => Number.POSITIVE_INFINITY }
    const result = await identify(chainOf([link('a', notMine)], { lockout, audit }))
    expect(result).toMatchObject({ outcome: 'rejected', reason: 'no_credentials' })
    expect(audit.events).toEqual([])
  })

  it('traces what was asked and what it said, with the steps of each link before its own', async () => {
    const steps = [{ name: 'db_auth', outcome: 'unknown' }]
    const result = await identify(
      chainOf([link('robot', notMine), link('basic', { outcome: 'rejected', reason: 'bad_credentials', steps })]),
      password,
    )
    expect(result.steps).toEqual([
      { name: 'robot', outcome: 'abstained' },
      { name: 'db_auth', outcome: 'unknown' },
      { name: 'basic', outcome: 'rejected' },
    ])
  })

  it('OBS-02: records what no link claimed, without any of its text', async () => {
    const audit = recordingAudit()
    await identify(chainOf([link('a', notMine)], { audit }), { authorization: 'Bearer sesame' })
    expect(audit.events).toEqual([
      {
        type: 'login',
        at: '2026-01-01T00:00:00.000Z',
        outcome: 'rejected',
        reason: 'bearer_not_accepted',
        door: 'token',
        source: '192.0.2.7',
        requestId: 'r1',
      },
    ])
  })

  it('answers as always when the audit throws', async () => {
    const audit = {
      record() {
        throw new Error('disk full')
      },
    }
    const result = await identify(chainOf([link('a', notMine)], { audit }), { authorization: 'Bearer sesame' })
    expect(result.outcome).toBe('rejected')
  })

  it('refuses to be made without links, or with two of one name', () => {
    expect(() => chainOf([])).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
    expect(() => chainOf([link('a', yes), link('a', no)])).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIGURATION' }),
    )
  })
})
