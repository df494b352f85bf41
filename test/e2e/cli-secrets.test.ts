import { randomBytes } from 'node:crypto'
import {
  type AuditEvent,
  createSecretLogin,
  type Grant,
  type Identity,
  issueCliSecret,
  systemClock,
} from '@lockkeeper/core'
import {
  type Database,
  openDatabase,
  sqlAccounts,
  sqlGrants,
  sqlLockoutStore,
  sqlNamedSecrets,
  sqlProjects,
} from '@lockkeeper/database'
import { cliSecretLink, createChain, createHandler, tokenEndpoint } from '@lockkeeper/http'
import { createLockout } from '@lockkeeper/lockout'
import { oidcAuth, tokenCipher } from '@lockkeeper/oidc'
import { createTokenService } from '@lockkeeper/registry-token'
import { generateKeys } from '@lockkeeper/registry-token/keys'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { onEveryDatabase } from '../../packages/database/test/on-every-database.ts'
import { type OpenIdProvider, startOpenIdProvider } from '../servers/openid-provider.ts'

const CALLBACK = new URL('http://127.0.0.1:8080/auth/oidc_auth/callback')
const HOUR = 3_600_000
const keys = await generateKeys()
const cipher = tokenCipher({ keys: [{ id: 'test', secret: randomBytes(32).toString('base64') }] })
let provider: OpenIdProvider

beforeAll(async () => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
beforeEach(async () => {
  provider = await startOpenIdProvider()
})
afterEach(() => provider.stop())
afterAll(() => vi.restoreAllMocks())

const client = () =>
  oidcAuth({
    issuer: provider.issuer,
    clientId: provider.client.id,
    clientSecret: provider.client.secret,
    scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    extraParameters: { prompt: 'consent' },
    groupsClaim: 'groups',
    insecureAllowPlaintext: true,
    timeoutMs: 1000,
  }).externalLogin

/** What one process of a token server is made of, on a database that it shares. */
function startProcess(db: Database, { graceSeconds = 0, freezeMs = 50 } = {}) {
  const clock = { ...systemClock, aheadMs: 0, monotonicMs: () => systemClock.monotonicMs() + clock.aheadMs }
  const events: AuditEvent[] = []
  const audit = { record: (event: AuditEvent) => void events.push(event) }
  const lockout = createLockout({ store: sqlLockoutStore(db), freezeMs })
  const stores = { secrets: sqlNamedSecrets(db), accounts: sqlAccounts(db), grants: sqlGrants(db, { cipher }) }
  const login = createSecretLogin({ ...stores, providers: [client()], lockout, clock, audit, graceSeconds })
  const links = [cliSecretLink({ login, projects: sqlProjects(db) })]
  const chain = createChain({ links, clock, audit, lockout })
  const tokens = createTokenService({ issuer: 'lockkeeper', services: { registry: {} }, keys, clock })
  const handler = createHandler({ routes: [tokenEndpoint({ chain, tokens, clock, audit })], log: () => {} })
  const dockerLogin = async (username: string, password: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    const request = new Request('http://auth.test/service/token?service=registry', { headers: { authorization } })
    return (await handler(request, { peer: '192.0.2.7', tls: false })).status
  }
  return { ...stores, clock, events, dockerLogin }
}

type Process = ReturnType<typeof startProcess>

/** Signs Jane in by browser, and makes secrets for her; the provider's word is as old as it is said to be. */
async function signIn({ accounts, grants, secrets, clock }: Process, agedMs: number, count = 1) {
  const by = client()
  const { redirectTo, pending } = await by.start({ callbackUrl: CALLBACK })
  const answer = await by.finish(await provider.walk(redirectTo), pending)
  if (answer.outcome !== 'authenticated') throw new Error(answer.reason)
  const { identity, grant } = answer
  const account = (await accounts.findByLink(identity)) ?? (await accounts.onboard(identity))
  if (account === undefined) throw new Error('Jane has no account')
  await keep(grants, account.id, identity, grant, agedMs)
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    const made = await issueCliSecret(
      { secrets, clock },
      { accountId: account.id, name: `laptop ${crypto.randomUUID()}` },
    )
    texts.push(made.text.reveal())
  }
  provider.forget()
  return { account, text: texts[0] ?? '', texts }
}

/** Keeps a grant whose access token has ended. */
const keep = (grants: Process['grants'], id: number, identity: Identity, grant: Grant, agedMs: number) =>
  grants.put(id, { grant: { ...grant, expiresAt: new Date(0) }, identity, checkedAt: Date.now() - agedMs })

onEveryDatabase((fixture) => {
  let databases: readonly Database[]
  beforeEach(async () => {
    const options = await fixture.empty()
    databases = [openDatabase(options), openDatabase(options)]
    await databases[0]!.migrate()
    return () => Promise.all(databases.map((db) => db.close()))
  })

  describe('docker login with CLI secrets of a person from a provider', () => {
    it.each([
      ['one after the other behind the lockout', 50],
      ['all at the same time without it', 0],
    ])(
      'OID-11: fifty on two processes, with an expired access token, %s: one refresh, fifty successes',
      async (_, freezeMs) => {
        const processes = databases.map((db) => startProcess(db, { freezeMs }))
        const { account, texts } = await signIn(processes[0]!, HOUR, 10)
        const before = await processes[0]!.grants.read(account.id)
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) => processes[i % 2]!.dockerLogin('jane', texts[i % texts.length]!)),
        )
        expect(answers).toEqual(Array.from({ length: 50 }, () => 200))
        expect(provider.count('/token')).toBe(1)
        const after = await processes[1]!.grants.read(account.id)
        expect(after?.grant.refreshToken).not.toBe(before?.grant.refreshToken)
        expect(await processes[1]!.dockerLogin('jane', texts[0]!)).toBe(200)
        expect(provider.count('/token')).toBe(1)
      },
    )

    it('OID-11: a provider that refuses ends them at once, in every process, until the owner signs in again', async () => {
      const [here, there] = databases.map((db) => startProcess(db))
      const { account, text } = await signIn(here!, HOUR)
      const claims = provider.people.get('jane')!
      provider.people.delete('jane')
      expect(await here!.dockerLogin('jane', text)).toBe(401)
      provider.people.set('jane', claims)
      expect(await there!.dockerLogin('jane', text)).toBe(401)
      expect(provider.count('/token')).toBe(1)
      expect([here, there].map((process) => process?.events.at(-1)?.reason)).toEqual(['refresh_refused', 'no_grant'])
      expect((await signIn(here!, 0)).account.id).toBe(account.id)
      expect(await there!.dockerLogin('jane', text)).toBe(200)
    })

    it('a provider that is down or hangs is an outage, and refuses nobody', async () => {
      const [here, there] = databases.map((db) => startProcess(db))
      const { text } = await signIn(here!, HOUR)
      provider.pause()
      expect(await here!.dockerLogin('jane', text)).toBe(503)
      await provider.stop()
      expect(await there!.dockerLogin('jane', text)).toBe(503)
      await provider.start()
      here!.clock.aheadMs = 5000
      expect(await here!.dockerLogin('jane', text)).toBe(200)
    })

    it('within the grace period that the operator set they work without it, and the audit says so', async () => {
      const [strict, lenient] = [startProcess(databases[0]!), startProcess(databases[1]!, { graceSeconds: 7200 })]
      const { text } = await signIn(strict, HOUR)
      await provider.stop()
      expect(await strict.dockerLogin('jane', text)).toBe(503)
      expect(await lenient.dockerLogin('jane', text)).toBe(200)
      expect(lenient.events[0]).toMatchObject({ outcome: 'authenticated', details: { provider: 'unavailable' } })
    })
  })
})
