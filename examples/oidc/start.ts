import { compose } from '@lockkeeper/compose'
import { createSecretLogin, memoryAccounts, memoryGrants, memoryNamedSecrets, memorySessions } from '@lockkeeper/core'
import { cliSecretLink } from '@lockkeeper/http'
import { serve } from '@lockkeeper/http/node'
import { createSessions, webRoutes } from '@lockkeeper/http/web'
import { oidcAuth } from '@lockkeeper/oidc'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { startProvider } from './provider.ts'

const listen = process.argv[2] ?? '127.0.0.1:8080'
const externalUrl = `http://${listen}`
const provider = await startProvider(Number(process.argv[3] ?? 8081), externalUrl)

const { externalLogin, authenticator } = oidcAuth({
  ...provider,
  name: 'the example provider',
  scopes: ['openid', 'profile', 'groups', 'offline_access'],
  groupsClaim: 'groups',
  adminGroup: 'admins',
  // A provider gives a token that lives on without the browser only to people who agree.
  extraParameters: { prompt: 'consent' },
  insecureAllowPlaintext: true,
})

// Everything in memory: it ends with the process.
const accountStore = memoryAccounts()
const sessionStore = memorySessions()
const secrets = memoryNamedSecrets()
const grants = memoryGrants()
const providers = [externalLogin]

const server = compose({
  authenticators: [authenticator],
  accountStore,
  externalUrl,
  tokenOptions: { issuer: 'example', services: { registry: {} }, keys: await generateKeys() },
  links({ projects, policy, lockout, clock, audit }) {
    const login = createSecretLogin({ accounts: accountStore, secrets, grants, providers, lockout, clock, audit })
    return [cliSecretLink({ login, projects, policy })]
  },
  routes: ({ accounts, clock, audit }) =>
    webRoutes({
      externalUrl,
      externalLogins: providers,
      sessions: createSessions({ store: sessionStore, accounts: accountStore, clock }),
      sessionStore,
      accountStore,
      accounts,
      secrets,
      grants,
      clock,
      audit,
      log: ({ level, message, reason }) => console.error(`${level}: ${message}: ${reason}`),
    }),
})
await serve(server.handler, { listen })
console.log(`ready: open ${externalUrl} and sign in with any name and any password`)
