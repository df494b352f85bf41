import {
  type Account,
  type Authenticator,
  AuthModeRegistry,
  createAccountDirectory,
  createLogin,
  memoryAccounts,
  type ServerParts,
  type SuperUser,
  silentAudit,
  systemClock,
} from '@lockkeeper/core'
import {
  anonymousLink,
  type Backend,
  basicLink,
  type ChainLink,
  createChain,
  createHandler,
  healthEndpoint,
  jwksEndpoint,
  type RequestLog,
  type Route,
  tokenEndpoint,
  v2Endpoint,
} from '@lockkeeper/http'
import { auditLockout, createLockout, type LockoutOptions, memoryLockoutStore } from '@lockkeeper/lockout'
import { HARBOR_POLICY, localContext, memoryProjects } from '@lockkeeper/rbac'
import {
  createTokenService,
  type TokenServiceOptions,
  tokenAccessController,
  trustedKeys,
} from '@lockkeeper/registry-token'
import type { Parts } from './parts.ts'

/** What the defaults are made with. */
export interface ComposeSettings {
  /** The modes to ask, in order; all of them as they were given where absent. */
  readonly order?: readonly string[]
  /** The one account that always verifies in one mode, whatever the order says. It gets no rights by that. */
  readonly superUser?: SuperUser
  /** Options of the lockout besides its store and clock. */
  readonly lockoutOptions?: Omit<LockoutOptions, 'store' | 'clock'>
  /** The issuer, the keys, and the services that tokens are made for. */
  readonly tokenOptions?: Omit<TokenServiceOptions, 'clock'>
  /** The URL that clients reach this server by: what the realm of every challenge begins with. */
  readonly externalUrl?: string
  /** The service that `/v2/` of this server challenges for; the first one where absent. */
  readonly loginService?: string
  /** Told of every request that was not answered as asked. */
  readonly log?: RequestLog
  /** Aborted when the server begins to stop. */
  readonly stopSignal?: AbortSignal
  /** Name of the session cookie, where a link reads sessions. */
  readonly sessionCookie?: string
  /** Values of `Host` that are answered; all where absent. */
  readonly hosts?: readonly string[]
  /** Proxies whose `X-Forwarded-For` is believed; none where absent. */
  readonly trustedProxies?: readonly string[]
  /** What `/readyz` asks besides the auth modes that can be pinged. */
  readonly backends?: readonly Backend[]
}

/** Settings with what was collected from the options and the container. */
export interface CollectedSettings extends ComposeSettings {
  readonly authenticators: readonly Authenticator[]
  readonly links: () => readonly ChainLink[]
  readonly routes: () => readonly Route[]
}

/** How each part is made when it is neither handed in nor registered. Plain functions of the other parts. */
export const DEFAULTS: { readonly [Name in keyof Parts]: (parts: Parts, settings: CollectedSettings) => Parts[Name] } =
  {
    clock: () => systemClock,
    audit: () => silentAudit,
    lockoutStore: ({ clock }) => memoryLockoutStore({ clock }),
    lockout: ({ lockoutStore, clock, audit }, { lockoutOptions }) =>
      createLockout({ onEvent: auditLockout(audit, clock), ...lockoutOptions, store: lockoutStore, clock }),
    accountStore: () => memoryAccounts(),
    accounts: ({ accountStore }) => createAccountDirectory(accountStore),
    projects: () => memoryProjects(),
    policy: () => HARBOR_POLICY,
    modes: (_, { authenticators }) => new AuthModeRegistry(authenticators),
    login: ({ modes, lockout, accounts, clock, audit }, { order, superUser }) =>
      createLogin({
        modes,
        order: order ?? modes.modes(),
        ...(superUser && { superUser }),
        lockout,
        accounts,
        clock,
        audit,
      }),
    chain: (parts, settings) => {
      const { login, projects, policy, lockout, clock, audit } = parts
      const { links, stopSignal, sessionCookie } = settings
      return createChain({
        links: [
          // A name or a header that a mode claims goes before a cookie that came along.
          ...brought(parts, settings, (mode, server) => mode.links?.(server)),
          ...links(),
          basicLink({ login, projects, policy }),
          anonymousLink({ projects, policy }),
        ],
        lockout,
        clock,
        audit,
        ...(stopSignal && { stopSignal }),
        ...(sessionCookie !== undefined && { sessionCookie }),
      })
    },
    tokens: ({ clock }, { tokenOptions }) => createTokenService({ ...required('tokenOptions', tokenOptions), clock }),
    access: ({ clock, tokens }, settings) => {
      const { issuer } = required('tokenOptions', settings.tokenOptions)
      const service = settings.loginService ?? required('tokenOptions.services', tokens.services[0])
      const keys = trustedKeys({ jwks: tokens.jwks(), certificates: tokens.pemBundle() })
      return tokenAccessController({ realm: tokenRealm(settings), service, issuer, keys, clock })
    },
    handler: (parts, settings) => {
      const { chain, tokens, access, clock, audit, modes } = parts
      const { routes, log = () => {}, stopSignal, hosts, trustedProxies, externalUrl } = settings
      const backends = [...(settings.backends ?? []), ...pingable(modes)]
      const onDown = (name: string, error: unknown, requestId: string) =>
        log({ level: 'warn', message: 'not ready', requestId, status: 503, reason: `${name} is down`, error })
      return createHandler({
        routes: [
          tokenEndpoint({ chain, tokens, clock, audit }),
          ...v2Endpoint(access),
          ...jwksEndpoint(tokens),
          ...healthEndpoint({ backends, clock, onDown, ...(stopSignal && { stopSignal }) }),
          ...brought(parts, settings, (mode, server) => mode.routes?.(server)),
          ...routes(),
        ],
        log,
        ...(hosts && hosts.length > 0 && { hosts }),
        ...(trustedProxies && { trustedProxies }),
        ...(externalUrl !== undefined && { strictTransportSecurity: externalUrl.startsWith('https:') }),
      })
    },
  }

/** A path with two slashes would be another one, which no route serves. */
const tokenRealm = ({ externalUrl }: ComposeSettings): string =>
  `${required('externalUrl', externalUrl).replace(/\/$/, '')}/service/token`

/** What the modes that are asked bring besides passwords, in the order of asking. */
function brought<T>(
  { modes, lockout, accounts, clock, audit, projects, policy }: Parts,
  { order }: ComposeSettings,
  ask: (mode: Authenticator, server: ServerParts) => readonly T[] | undefined,
): readonly T[] {
  const contextOf = (account: Account) => localContext({ account, projects, policy })
  const server: ServerParts = { lockout, accounts, clock, audit, contextOf }
  return (order ?? modes.modes()).flatMap((name) => {
    const mode = modes.get(name)
    return (mode && ask(mode, server)) ?? []
  })
}

function pingable(modes: AuthModeRegistry): readonly Backend[] {
  return modes.modes().flatMap((mode) => {
    const authenticator = modes.get(mode)
    return authenticator?.ping ? [{ name: mode, ping: (call) => authenticator.ping?.(call) ?? Promise.resolve() }] : []
  })
}

function required<T>(name: string, value: T | undefined): T {
  if (value === undefined)
    throw new TypeError(`compose: ${name} is needed by a default; hand it in, or the part that it makes`)
  return value
}
