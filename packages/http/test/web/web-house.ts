import {
  type AuditEvent,
  AuthModeRegistry,
  createAccountDirectory,
  createLogin,
  memoryAccounts,
  memoryGrants,
  memoryNamedSecrets,
  memorySessions,
} from '@lockkeeper/core'
import { createLockout, memoryLockoutStore } from '@lockkeeper/lockout'
import { memoryProjects } from '@lockkeeper/rbac'
import { countingAuthenticator, fakeAuthenticator, fakeClock } from '@lockkeeper/testing'
import { createHandler, type RequestLogEntry } from '../../src/index.ts'
import { createSessions, type WebParts, webRoutes } from '../../src/web/index.ts'
import { Browser } from './browser.ts'
import { fakeExternalLogin } from './fake-external-login.ts'

export const ORIGIN = 'https://auth.test'
export const PASSWORD = 'correct horse'

/** A server of pages in memory: ann has a password, and jane comes from a provider. */
export async function buildWebHouse(more: Partial<WebParts> = {}) {
  const clock = fakeClock()
  const audit: AuditEvent[] = []
  const log: RequestLogEntry[] = []
  const sink = { record: (event: AuditEvent) => void audit.push(event) }
  const accountStore = memoryAccounts()
  const ann = await accountStore.add({ username: 'ann', email: 'ann@example.com' })
  const bob = await accountStore.add({ username: 'bob' })
  await accountStore.setDisabled(bob.id, true)
  const mode = fakeAuthenticator({ people: { ann: PASSWORD, bob: PASSWORD } })
  for (const { username, id } of [ann, bob]) {
    await accountStore.link(id, { mode: 'fake_auth', issuer: 'fake_auth', subject: username })
  }
  const counting = countingAuthenticator(mode)
  const lockout = createLockout({ store: memoryLockoutStore({ clock }), clock, freezeMs: 1500 })
  const accounts = createAccountDirectory(accountStore)
  const modes = new AuthModeRegistry([counting])
  const login = createLogin({ modes, order: ['fake_auth'], lockout, accounts, clock, audit: sink })
  const sessionStore = more.sessionStore ?? memorySessions({ clock })
  const sessions = createSessions({ store: sessionStore, accounts: accountStore, clock })
  const provider = fakeExternalLogin()
  const secrets = memoryNamedSecrets()
  const grants = memoryGrants({ clock })
  const parts: WebParts = {
    externalUrl: ORIGIN,
    sessions,
    sessionStore,
    accountStore,
    accounts,
    clock,
    audit: sink,
    log: (entry) => log.push(entry),
    login,
    externalLogins: [provider],
    secrets,
    grants,
    ...more,
  }
  const handler = createHandler({ routes: webRoutes(parts), log: parts.log })
  const browser = () => new Browser(handler, ORIGIN)
  return {
    ...parts,
    parts,
    handler,
    audit,
    log,
    clock,
    accountStore,
    ann,
    bob,
    counting,
    lockout,
    login,
    sessions,
    sessionStore,
    provider,
    secrets,
    grants,
    projects: memoryProjects([]),
    browser,
    /** A browser in which ann has signed in with her password. */
    async annsBrowser() {
      const hers = browser()
      await hers.post('/login', { username: 'ann', password: PASSWORD })
      return hers
    },
    /** Begins a login at the provider, and says where that sends the browser back to. */
    async callbackFor(at: Browser, path = '/auth/oidc_auth/start') {
      const { headers } = await at.get(path)
      const state = new URL(headers.get('location') ?? '').searchParams.get('state')
      return `/auth/oidc_auth/callback?code=c&state=${state}`
    },
  }
}
