import {
  type AuditSink,
  type Authenticator,
  AuthModeRegistry,
  BackendUnavailableError,
  createAccountDirectory,
  createLogin,
  memoryAccounts,
  memorySessions,
} from '@lockkeeper/core'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import { memoryProjects } from '@lockkeeper/rbac'
import { createTokenService } from '@lockkeeper/registry-token'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { type FakeClock, fakeAuthenticator, fakeClock } from '@lockkeeper/testing'
import { describe, expect, it } from 'vitest'
import { basicLink, createChain, createHandler, tokenEndpoint } from '../src/index.ts'
import { createSessions, webRoutes } from '../src/web/index.ts'
import { as, form } from './house.ts'

const ORIGIN = 'https://auth.test'
const PASSWORD = 'correct horse'
const VERIFYING_MS = 40
const KEYS = await generateKeys({ clock: fakeClock() })
const audit: AuditSink = { record: () => {} }

/** A mode whose verifications take their time. */
function slow(clock: FakeClock, inner: Authenticator): Authenticator {
  return {
    ...inner,
    async lookUp(name, call) {
      const { verify, ...found } = await inner.lookUp(name, call)
      return {
        ...found,
        async verify(password, call) {
          await clock.sleep(VERIFYING_MS)
          return verify(password, call)
        },
      }
    },
  }
}

type Step = 'lookUp' | 'verify'

/** A mode that fails, after a while at first and soon once it is known to be down, and says when to try again. */
function down(clock: FakeClock, at: Step): Authenticator {
  let calls = 0
  const fail = async () => {
    calls += 1
    await clock.sleep(calls === 1 ? 300 : 3)
    throw new BackendUnavailableError('second_auth', 'does not answer', { retryAfterSeconds: 30 - calls })
  }
  return { mode: 'second_auth', lookUp: at === 'lookUp' ? fail : async () => ({ verify: fail }) }
}

/** Doors of a server with an outage. */
async function houseInOutage(modesOf: (clock: FakeClock) => readonly Authenticator[]) {
  const clock = fakeClock()
  const modes = modesOf(clock)
  const accountStore = memoryAccounts()
  const accounts = createAccountDirectory(accountStore)
  const lockout = createLockout({ store: memoryLockoutStore({ clock }), clock, sourceFailuresPerMinute: 0 })
  const order = modes.map(({ mode }) => mode)
  const login = createLogin({ modes: new AuthModeRegistry(modes), order, lockout, accounts, clock, audit })
  const chain = createChain({ links: [basicLink({ login, projects: memoryProjects([]) })], clock, audit, lockout })
  const tokens = createTokenService({ issuer: 'house', services: { registry: {} }, keys: KEYS, clock })
  const sessionStore = memorySessions({ clock })
  const sessions = createSessions({ store: sessionStore, accounts: accountStore, clock })
  const log = () => {}
  const web = { externalUrl: ORIGIN, sessions, sessionStore, accountStore, accounts, clock, audit, log, login }
  const handler = createHandler({ routes: [tokenEndpoint({ chain, tokens, clock, audit }), ...webRoutes(web)], log })

  /** Sends a request. @returns What comes back, and when, in milliseconds. */
  async function send([path, init]: readonly [string, RequestInit]) {
    const sentAt = clock.monotonicMs()
    const response = await handler(new Request(`${ORIGIN}${path}`, init), { peer: '192.0.2.7', tls: true })
    const tookMs = clock.monotonicMs() - sentAt
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
    const id = response.headers.get('x-request-id') ?? ''
    const body = (await response.text()).replaceAll(id, '')
    return { tookMs, status: response.status, bytes: JSON.stringify([headers, body]) }
  }
  /** @param withinMs It has this long, and then all real time it needs: what signs a token works on no clock. */
  async function answer(request: readonly [string, RequestInit], withinMs = 4000) {
    const answered = send(request)
    await clock.advance(withinMs)
    return answered
  }
  return { clock, send, answer }
}

type Present = (username: string, password: string) => readonly [path: string, init: RequestInit]
const TOKEN = '/service/token?service=registry'
const signIn = (username: string, password: string): RequestInit => ({
  ...form({ username, password }),
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
})
const grant = (username: string, password: string) =>
  form({ grant_type: 'password', service: 'registry', username, password })
const DOORS: readonly (readonly [door: string, present: Present])[] = [
  ['Basic', (...credentials) => [TOKEN, as(...credentials)]],
  ['the password grant', (...credentials) => ['/service/token', grant(...credentials)]],
  ['the sign-in page', (...credentials) => ['/login', signIn(...credentials)]],
]
const WHERE = DOORS.flatMap(([door, present]) =>
  (['lookUp', 'verify'] as const).map((step) => ({ door, present, step })),
)

/** Tries each, a frozen name among them. Before that somebody finds the outage out, and how long a refusal takes. */
async function outcomes(house: Awaited<ReturnType<typeof houseInOutage>>, present: Present, rightWithinMs?: number) {
  const { clock, send, answer } = house
  await answer(present('ann', 'wrong'))
  const wrong = await answer(present('jane', 'wrong'))
  const unknown = await answer(present('nobody', 'wrong'))
  const freezing = send(present('joe', 'wrong'))
  await clock.advance(500)
  const frozen = await answer(present('joe', PASSWORD))
  await freezing
  return { wrong, unknown, frozen, right: await answer(present('jane', PASSWORD), rightWithinMs) }
}

describe('LOG-01 and LOG-02: while one of two modes is down', () => {
  it.each(WHERE)(
    'wrong, unknown and frozen are told apart neither by bytes nor by time: $door, $step',
    async ({ present, step }) => {
      const people = { ann: PASSWORD, jane: PASSWORD, joe: PASSWORD }
      const house = await houseInOutage((clock) => [slow(clock, fakeAuthenticator({ people })), down(clock, step)])
      const { wrong, unknown, frozen, right } = await outcomes(house, present, 2 * VERIFYING_MS)
      expect(wrong.status).toBe(503)
      expect(unknown).toEqual(wrong)
      expect(frozen).toEqual(wrong)
      expect(wrong.bytes).toContain('["retry-after","5"]')
      expect(wrong.tookMs).toBeGreaterThan(1000)
      expect(right.status).toBeLessThan(400)
    },
  )
})

describe('LOG-01 and LOG-02: while the only mode is down', () => {
  it.each(WHERE)(
    'right, wrong and unknown are told apart neither by bytes nor by time: $door, $step',
    async ({ present, step }) => {
      const house = await houseInOutage((clock) => [{ ...down(clock, step), mode: 'second_auth' }])
      const { wrong, unknown, frozen, right } = await outcomes(house, present)
      expect(wrong.status).toBe(503)
      for (const other of [unknown, frozen, right]) expect(other).toEqual(wrong)
    },
  )
})
