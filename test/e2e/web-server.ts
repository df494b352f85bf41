import { randomBytes } from 'node:crypto'
import { compose } from '@lockkeeper/compose'
import {
  type AuditEvent,
  createSecretLogin,
  memoryAccounts,
  memoryGrants,
  memoryNamedSecrets,
  memorySessions,
  systemClock,
} from '@lockkeeper/core'
import { createPasswordHasher, dbAuth } from '@lockkeeper/db-auth'
import {
  basicLink,
  cliSecretLink,
  createChain,
  createHandler,
  type RequestLogEntry,
  tokenEndpoint,
  v2Endpoint,
} from '@lockkeeper/http'
import { serve } from '@lockkeeper/http/node'
import { createSessions, webRoutes } from '@lockkeeper/http/web'
import { oidcAuth, tokenCipher } from '@lockkeeper/oidc'
import { memoryProjects } from '@lockkeeper/rbac'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { freePort } from '../servers/free-port.ts'
import { startOpenIdProvider } from '../servers/openid-provider.ts'

/** Ann's password; everybody else comes from the provider. */
export const ANN = { username: 'ann', password: 'Correct-Horse-7' }

/** A token server with pages, in this process, and a real provider beside it. */
export async function startWebServer(onboarding: 'automatic' | 'ask' = 'automatic') {
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const url = `http://${host}`
  const provider = await startOpenIdProvider({
    people: {
      jane: { preferred_username: 'jane', name: 'Jane Doe', email: 'jane@example.com', groups: ['dev'] },
      ann: { preferred_username: 'ann', name: 'Another Ann' },
    },
    redirectUris: [`${url}/auth/oidc_auth/callback`],
    signedOutUris: [`${url}/logout`],
    backchannelLogoutUri: `${url}/auth/oidc_auth/backchannel-logout`,
  })
  provider.signIn = undefined

  const clock = systemClock
  const audit: AuditEvent[] = []
  const log: RequestLogEntry[] = []
  const sink = { record: (event: AuditEvent) => void audit.push(event) }
  const accountStore = memoryAccounts()
  await accountStore.add({ username: ANN.username, password: await createPasswordHasher().hash(ANN.password) })
  const { externalLogin, authenticator } = oidcAuth({
    issuer: provider.issuer,
    clientId: provider.client.id,
    clientSecret: provider.client.secret,
    name: 'Example',
    scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    groupsClaim: 'groups',
    // Who may push is not what is tested here.
    adminGroup: 'dev',
    extraParameters: { prompt: 'consent' },
    onboarding,
    insecureAllowPlaintext: true,
  })
  const secrets = memoryNamedSecrets()
  const grants = memoryGrants({ clock })
  const sessionStore = memorySessions({ clock })
  const sessions = createSessions({ store: sessionStore, accounts: accountStore, clock })
  const parts = compose({
    authenticators: [dbAuth({ passwords: accountStore }), authenticator],
    accountStore,
    projects: memoryProjects([{ name: 'library', isPublic: true }]),
    audit: sink,
    externalUrl: url,
    tokenOptions: { issuer: 'lockkeeper', services: { registry: {} }, keys: await generateKeys() },
  })
  const { lockout, projects } = parts
  const secretLogin = createSecretLogin({
    secrets,
    grants,
    providers: [externalLogin],
    accounts: accountStore,
    lockout,
    clock,
    audit: sink,
  })
  const chain = createChain({
    links: [cliSecretLink({ login: secretLogin, projects }), basicLink({ login: parts.login, projects })],
    lockout,
    clock,
    audit: sink,
  })
  const handler = createHandler({
    routes: [
      tokenEndpoint({ chain, tokens: parts.tokens, clock, audit: sink }),
      ...v2Endpoint(parts.access),
      ...webRoutes({
        externalUrl: url,
        sessions,
        sessionStore,
        accountStore,
        accounts: parts.accounts,
        clock,
        audit: sink,
        log: (entry) => log.push(entry),
        login: parts.login,
        externalLogins: [externalLogin],
        secrets,
        grants,
        cipher: tokenCipher({ keys: [{ id: 'test', secret: randomBytes(32).toString('base64') }] }),
      }),
    ],
    log: (entry) => log.push(entry),
  })
  const running = await serve(handler, { listen: host })
  return {
    url,
    host,
    provider,
    accountStore,
    audit,
    log,
    /** What a registry has to trust. */
    certificates: parts.tokens.pemBundle(),
    async stop() {
      await running.stop()
      await provider.stop()
      await parts[Symbol.asyncDispose]()
    },
  }
}
