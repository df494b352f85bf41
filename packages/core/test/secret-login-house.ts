import { fakeClock, recordingAudit } from '@lockkeeper/testing'
import {
  type AccountRecord,
  type AccountStore,
  BackendUnavailableError,
  createSecretLogin,
  type ExternalLogin,
  type Grant,
  type GrantStore,
  issueCliSecret,
  type LoginAttempt,
  memoryAccounts,
  memoryGrants,
  memoryNamedSecrets,
  type NamedSecretStore,
  type Refreshed,
  type SecretLoginParts,
  type SecretLoginResult,
} from '../src/index.ts'
import { fakeLockout } from './login-house.ts'

export const MODE = 'oidc_auth'
export const ISSUER = 'https://idp.test'
export const MINUTE = 60_000

/** A provider that rotates refresh tokens and ends the grant when one is used twice. */
function fakeProvider() {
  let current = 'r0'
  const provider = {
    used: [] as string[],
    groups: ['dev'],
    /** What it does when it is asked: nothing special, refuse, fail, fall silent after rotating, or hang. */
    mood: 'well' as 'well' | 'refuses' | 'down' | 'half' | 'hangs',
    async refresh(grant: Grant): Promise<Refreshed> {
      const token = grant.refreshToken ?? ''
      provider.used.push(token)
      await Promise.resolve()
      const { mood } = provider
      if (mood === 'down') throw new BackendUnavailableError(MODE, 'is down')
      if (mood === 'hangs') return new Promise(() => {})
      if (mood === 'refuses' || token !== current) return { outcome: 'rejected', reason: 'refresh_refused' }
      current = `r${provider.used.length}`
      const next = { ...grant, refreshToken: current }
      if (mood === 'half') {
        const error = new BackendUnavailableError(MODE, 'userinfo is down')
        return { outcome: 'unavailable', grant: next, error }
      }
      return { outcome: 'authenticated', identity: identity(provider.groups), grant: next }
    },
  }
  return provider
}

const identity = (groups: readonly string[]) => ({
  mode: MODE,
  issuer: ISSUER,
  subject: 'jane-1',
  username: 'jane',
  groups: groups.map((key) => ({ key })),
})

/** Counts the calls of every method of a store. */
export function counted<T extends object>(store: T): { readonly store: T; readonly counts: Map<string, number> } {
  const counts = new Map<string, number>()
  const proxy = new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...values: unknown[]) => {
        counts.set(String(key), (counts.get(String(key)) ?? 0) + 1)
        return value.apply(target, values)
      }
    },
  })
  return { store: proxy, counts }
}

/** What a test may change. */
export interface SecretHouseParts extends Partial<SecretLoginParts> {
  /** Replaces stores by ones that misbehave. */
  readonly wrap?: {
    accounts?(store: AccountStore): AccountStore
    secrets?(store: NamedSecretStore): NamedSecretStore
    grants?(store: GrantStore): GrantStore
  }
}

/** Jane came from a provider a minute ago and has a secret; tom has a password here, and a secret too. */
export async function secretHouse({ wrap, ...parts }: SecretHouseParts = {}) {
  const clock = fakeClock()
  const audit = recordingAudit()
  const lockout = fakeLockout(clock)
  const accounts = memoryAccounts()
  const secrets = memoryNamedSecrets()
  const grants = memoryGrants({ clock })
  const provider = fakeProvider()
  const jane = (await accounts.onboard(identity([]))) as AccountRecord
  const tom = await accounts.add({ username: 'Tom' })
  const signIn = (at = clock.wallMs()) =>
    grants.put(jane.id, {
      grant: { issuer: ISSUER, subject: 'jane-1', refreshToken: `r${provider.used.length}` },
      identity: identity(['dev']),
      checkedAt: at,
    })
  await signIn()
  const issue = async (accountId: number, name: string, expiresAt?: number) =>
    issueCliSecret({ secrets, clock }, { accountId, name, ...(expiresAt !== undefined && { expiresAt }) })
  const login = createSecretLogin({
    providers: [{ mode: MODE, name: 'Example', onboarding: 'automatic', refresh: provider.refresh } as ExternalLogin],
    secrets: wrap?.secrets?.(secrets) ?? secrets,
    accounts: wrap?.accounts?.(accounts) ?? accounts,
    grants: wrap?.grants?.(grants) ?? grants,
    clock,
    audit,
    lockout,
    ...parts,
  })
  const attempt = (username: string, password: string, more: Partial<LoginAttempt> = {}): Promise<SecretLoginResult> =>
    login({ username, password, source: '192.0.2.7', door: 'token', ...more })
  return {
    clock,
    audit,
    lockout,
    accounts,
    secrets,
    grants,
    provider,
    signIn,
    attempt,
    issue,
    jane: { id: jane.id, ...(await issued(issue, jane.id)) },
    tom: { id: tom.id, ...(await issued(issue, tom.id)) },
    /** `in`, a reason, or the code of what was thrown. */
    async outcome(username: string, password: string): Promise<string> {
      try {
        const result = await attempt(username, password)
        return result.outcome === 'authenticated' ? 'in' : result.reason
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : `unexpected ${error}`
      }
    },
  }
}

async function issued(issue: (accountId: number, name: string) => ReturnType<typeof issueCliSecret>, id: number) {
  const { text, secret } = await issue(id, 'laptop')
  return { text: text.reveal(), secret }
}
