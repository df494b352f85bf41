import { join, resolve } from 'node:path'
import type { ComposeOptions, TokenServer } from '@lockkeeper/compose'
import {
  type Authenticator,
  type Clock,
  createSecretLogin,
  type ExternalLogin,
  type GrantStore,
  memoryGrants,
} from '@lockkeeper/core'
import { sqlGrants, sqlNamedSecrets, sqlSessions } from '@lockkeeper/database'
import { cliSecretLink, type RequestLog } from '@lockkeeper/http'
import { createSessions, idTokenLink, SESSION_COOKIE, sessionLink, webOrigin, webRoutes } from '@lockkeeper/http/web'
import { externalUrlOf } from '../external-url.ts'
import type { Place, Stores } from '../stores.ts'
import { readSealingKeys } from './sealing-keys.ts'

/** What the pages, the sessions and the CLI secrets add to a token server. */
export type Web = Pick<ComposeOptions, 'links' | 'routes' | 'sessionCookie'>

/** What {@link openWeb} is made of. */
export interface WebOptions {
  readonly stores: Stores
  readonly authenticators: readonly Authenticator[]
  /** The parts that the pages share with the doors of registries, the lockout above all. */
  readonly server: TokenServer
  readonly log: RequestLog
  readonly stopSignal: AbortSignal
}

/**
 * Makes the pages for people: sign-in, profile with CLI secrets and sessions, and the way to each provider and back.
 *
 * @throws {ConfigurationError} when pages cannot be served at the external URL, or the sealing keys cannot be read.
 */
export async function openWeb(place: Place, options: WebOptions): Promise<Web> {
  const { settings } = place
  const { stores, server, log, stopSignal } = options
  const { database, accounts: accountStore, projects } = stores
  const { lockout, accounts, clock, audit, login } = server
  const externalLogins = options.authenticators.flatMap(({ externalLogin }) => externalLogin ?? [])
  const externalUrl = externalUrlOf(settings)
  const sessionStore = sqlSessions(database, { clock })
  const { sessionIdleSeconds, sessionSeconds, checkProviderEverySeconds, providerGraceSeconds, registryHost } =
    settings.web
  const sessions = createSessions({
    store: sessionStore,
    accounts: accountStore,
    clock,
    idleSeconds: sessionIdleSeconds,
    absoluteSeconds: sessionSeconds,
  })
  const secrets = sqlNamedSecrets(database)
  const { grants, cipher } = await openGrants(place, stores, externalLogins, clock)
  const secretLogin = createSecretLogin({
    secrets,
    accounts: accountStore,
    grants,
    providers: externalLogins,
    lockout,
    clock,
    audit,
    checkEverySeconds: checkProviderEverySeconds,
    graceSeconds: providerGraceSeconds,
  })
  return {
    sessionCookie: SESSION_COOKIE,
    links: [
      cliSecretLink({ login: secretLogin, projects }),
      ...(externalLogins.length > 0
        ? [idTokenLink({ externalLogins, accountStore, accounts, projects, clock, audit })]
        : []),
      sessionLink({ sessions, projects, ownOrigin: webOrigin(externalUrl) }),
    ],
    routes: webRoutes({
      externalUrl,
      sessions,
      sessionStore,
      accountStore,
      accounts,
      clock,
      audit,
      log,
      login,
      externalLogins,
      secrets,
      grants,
      ...(cipher && { cipher }),
      ...(registryHost !== undefined && { registryHost }),
      stopSignal,
    }),
  }
}

/** Without a provider there are no grants, and nothing to seal. */
async function openGrants(place: Place, { database }: Stores, externalLogins: readonly ExternalLogin[], clock: Clock) {
  if (externalLogins.length === 0) return { grants: memoryGrants({ clock }) as GrantStore, cipher: undefined }
  const { tokenCipher } = await import('@lockkeeper/oidc')
  const { folder, data, settings } = place
  const named = settings.web.sealingKeys
  const path = named === undefined ? join(data.path, 'sealing.keys') : resolve(folder, named)
  const cipher = tokenCipher({ keys: await readSealingKeys(path, named !== undefined) })
  return { grants: sqlGrants(database, { cipher }), cipher }
}
