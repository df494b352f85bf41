import {
  type AuditEvent,
  AuthModeRegistry,
  type Clock,
  createAccountDirectory,
  createLogin,
  memoryAccounts,
  systemClock,
} from '@lockkeeper/core'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import { memoryProjects } from '@lockkeeper/rbac'
import {
  type AccessController,
  createTokenService,
  type TokenService,
  tokenAccessController,
  trustedKeys,
} from '@lockkeeper/registry-token'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { countingAuthenticator, failingAuthenticator, fakeAuthenticator, fakeClock } from '@lockkeeper/testing'
import {
  anonymousLink,
  basicLink,
  type ChainLink,
  createChain,
  createHandler,
  type Handler,
  type HandlerParts,
  healthEndpoint,
  jwksEndpoint,
  type RequestLogEntry,
  type Route,
  tokenEndpoint,
  v2Endpoint,
} from '../src/index.ts'

export const PASSWORD = 'correct horse'
export const REALM = 'http://auth.test/service/token'
const SERVICE = 'registry'
const ISSUER = 'house'

// Keys are valid from the time they were made, and fake clocks start before today.
const KEYS = await generateKeys()
const KEYS_OF_FAKE_TIME = await generateKeys({ clock: fakeClock() })

/** What a test may change of the house. */
export interface HouseOptions {
  readonly clock?: Clock
  readonly links?: readonly ChainLink[]
  readonly routes?: readonly Route[]
  readonly handler?: Partial<HandlerParts>
  readonly tokens?: TokenService
  readonly access?: AccessController
  readonly stopSignal?: AbortSignal
  readonly maxHeld?: number
  readonly freezeMs?: number
  readonly anonymous?: boolean
}

/** A whole token server in memory: jane can log in, `library` is public, `team` is hers. */
export function buildHouse(options: HouseOptions = {}) {
  const clock = options.clock ?? fakeClock()
  const audit: AuditEvent[] = []
  const log: RequestLogEntry[] = []
  const sink = { record: (event: AuditEvent) => void audit.push(event) }
  const mode = failingAuthenticator(fakeAuthenticator({ people: { jane: PASSWORD, tab: ' a\tb ' } }), { at: 'nowhere' })
  const counting = countingAuthenticator(mode)
  const modes = new AuthModeRegistry()
  modes.register(counting)
  const lockout = createLockout({
    store: memoryLockoutStore({ clock }),
    clock,
    freezeMs: options.freezeMs ?? 1500,
    // Every request is verified, so that tests see what each one costs.
    keepVerifiedSeconds: 0,
  })
  const accounts = createAccountDirectory(memoryAccounts())
  const login = createLogin({ modes, order: ['fake_auth'], lockout, accounts, clock, audit: sink })
  const projects = memoryProjects([
    { name: 'library', isPublic: true },
    { name: 'team', ownerId: 1 },
  ])
  const keys = clock === systemClock ? KEYS : KEYS_OF_FAKE_TIME
  const tokens = options.tokens ?? createTokenService({ issuer: ISSUER, services: { [SERVICE]: {} }, keys, clock })
  const chain = createChain({
    links: [
      ...(options.links ?? []),
      basicLink({ login, projects }),
      ...(options.anonymous === false ? [] : [anonymousLink({ projects })]),
    ],
    clock,
    audit: sink,
    lockout,
    ...(options.stopSignal && { stopSignal: options.stopSignal }),
    ...(options.maxHeld !== undefined && { maxHeld: options.maxHeld }),
  })
  const handler = createHandler({
    routes: [
      tokenEndpoint({ chain, tokens, clock, audit: sink }),
      ...v2Endpoint(options.access ?? guard(tokens, clock)),
      ...jwksEndpoint(tokens),
      ...healthEndpoint({ backends: [], clock }),
      ...(options.routes ?? []),
    ],
    log: (entry) => log.push(entry),
    ...options.handler,
  })
  return { handler, chain, audit, log, clock, mode, counting, lockout, login, projects, tokens, ask: asker(handler) }
}

const guard = (tokens: TokenService, clock: Clock): AccessController =>
  tokenAccessController({
    realm: REALM,
    service: SERVICE,
    issuer: ISSUER,
    keys: trustedKeys({ jwks: tokens.jwks(), certificates: tokens.pemBundle() }),
    clock,
  })

/** Calls a handler with a path, from one client. */
export const asker =
  (handler: Handler) =>
  (path: string, init: RequestInit = {}): Promise<Response> =>
    handler(new Request(`http://auth.test${path}`, init), { peer: '192.0.2.7', tls: false })

/** The value of an `Authorization` header. */
export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Options of a request with Basic credentials. */
export const as = (username: string, password = PASSWORD): RequestInit => ({
  headers: { authorization: basic(username, password) },
})

/** Options of a POST with a form. */
export const form = (fields: Record<string, string> | string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
})

/** What a token says, unverified. */
export const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
