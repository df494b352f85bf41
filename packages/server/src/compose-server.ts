import { compose, type TokenServer } from '@lockkeeper/compose'
import type { AuditSink, Authenticator, Lockout } from '@lockkeeper/core'
import type { Backend, RequestLog } from '@lockkeeper/http'
import { externalUrlOf } from './external-url.ts'
import { openSigningKeys } from './signing-keys.ts'
import type { Place, Stores } from './stores.ts'
import { openWeb } from './web/open-web.ts'

/** The first administrator logs in through `db_auth`, whatever the modes are. */
const SUPER_USER = { mode: 'db_auth', account: '1' }

/** What {@link composeServer} is made of, beside what is configured. */
export interface ServerParts {
  readonly authenticators: readonly Authenticator[]
  readonly stores: Stores
  readonly lockout: Lockout
  readonly backends: readonly Backend[]
  readonly audit: AuditSink
  readonly log: RequestLog
  readonly stopSignal: AbortSignal
}

/**
 * Makes the token server that is configured, and its pages. Nothing is asked of its backends.
 *
 * @throws {ConfigurationError} when it cannot work; for some settings when its `handler` is read.
 */
export async function composeServer(place: Place, parts: ServerParts): Promise<TokenServer> {
  const { authenticators, stores, lockout, backends, audit, log, stopSignal } = parts
  const { settings } = place
  const { issuer, services } = settings.tokens
  const { hosts, trustedProxies } = settings.http
  const shared = {
    authenticators,
    order: settings.auth.modes,
    superUser: SUPER_USER,
    accountStore: stores.accounts,
    projects: stores.projects,
    audit,
    lockout,
  }
  const server = compose(shared)
  const web = settings.web.enabled ? await openWeb(place, { stores, authenticators, server, log, stopSignal }) : {}
  return compose({
    ...shared,
    ...web,
    login: server.login,
    accounts: server.accounts,
    tokenOptions: { issuer, services, keys: await openSigningKeys(place, audit) },
    externalUrl: externalUrlOf(settings),
    hosts,
    trustedProxies,
    backends,
    stopSignal,
    log,
  })
}
