import {
  type Authenticator,
  abstained,
  authenticated,
  BackendUnavailableError,
  type Candidate,
  rejected,
} from '@lockkeeper/core'

/** Options of {@link fakeAuthenticator}. */
export interface FakeAuthenticatorOptions {
  /** `fake_auth` by default. */
  readonly mode?: string
  /** Passwords in clear, by canonical user name. */
  readonly people: Readonly<Record<string, string>>
}

/** An auth mode for tests: a few people with passwords in clear. Account, subject and user name are the canonical name. */
export function fakeAuthenticator({ mode = 'fake_auth', people }: FakeAuthenticatorOptions): Authenticator {
  const passwords = new Map(Object.entries(people))
  return {
    mode,
    async lookUp({ canonical }) {
      const expected = passwords.get(canonical)
      return {
        ...(expected !== undefined && { account: canonical }),
        async verify(password) {
          if (expected === undefined) return abstained
          if (password !== expected) return rejected('bad_credentials')
          return authenticated({ mode, issuer: mode, subject: canonical, username: canonical, groups: [] })
        },
      }
    },
  }
}

/** An auth mode that counts what it was asked. */
export interface CountingAuthenticator extends Authenticator {
  readonly counts: Readonly<Counts>
  /** Starts again from zero. */
  reset(): void
}

/** What a {@link CountingAuthenticator} was asked. */
export interface Counts {
  lookUps: number
  /** Stand-ins included. */
  verifications: number
}

/** Counts the look-ups and verifications of an auth mode, to show that equal answers cost equal work. */
export function countingAuthenticator(inner: Authenticator): CountingAuthenticator {
  const counts: Counts = { lookUps: 0, verifications: 0 }
  return {
    ...around(inner, {
      lookUp(ask) {
        counts.lookUps += 1
        return ask()
      },
      verify(ask) {
        counts.verifications += 1
        return ask()
      },
    }),
    counts,
    reset: () => Object.assign(counts, { lookUps: 0, verifications: 0 }),
  }
}

/** Where a {@link failingAuthenticator} fails. */
export type FailingStep = 'look-up' | 'verification' | 'nowhere'

/** An auth mode whose backend can be made to fail, and to come back. */
export interface FailingAuthenticator extends Authenticator {
  /** From now on the mode fails at this step; `nowhere` mends it. */
  failAt(step: FailingStep): void
}

/**
 * Makes an auth mode fail on demand.
 *
 * @param options.at Where it fails from the start; `look-up` by default.
 * @param options.fail How: throws {@link BackendUnavailableError} by default. A promise that never settles is a backend
 * that hangs.
 */
export function failingAuthenticator(
  inner: Authenticator,
  options: { readonly at?: FailingStep; readonly fail?: () => Promise<never> } = {},
): FailingAuthenticator {
  const fail = options.fail ?? (() => Promise.reject(new BackendUnavailableError(inner.mode, 'is down for a test')))
  let failing = options.at ?? 'look-up'
  return {
    ...around(inner, {
      lookUp: (ask) => (failing === 'look-up' ? fail() : ask()),
      verify: (ask) => (failing === 'verification' ? fail() : ask()),
    }),
    failAt(step) {
      failing = step
    },
  }
}

interface Advice {
  lookUp<T>(ask: () => Promise<T>): Promise<T>
  verify<T>(ask: () => Promise<T>): Promise<T>
}

function around(inner: Authenticator, advice: Advice): Authenticator {
  const { mode, claimsEveryName, searchUser, searchGroup, ping, afterLogin } = inner
  return {
    mode,
    ...(claimsEveryName && { claimsEveryName }),
    ...(searchUser && { searchUser: searchUser.bind(inner) }),
    ...(searchGroup && { searchGroup: searchGroup.bind(inner) }),
    ...(ping && { ping: ping.bind(inner) }),
    ...(afterLogin && { afterLogin: afterLogin.bind(inner) }),
    async lookUp(name, call) {
      const candidate = await advice.lookUp(() => inner.lookUp(name, call))
      return withAdvice(candidate, advice)
    },
  }
}

const withAdvice = (candidate: Candidate, advice: Advice): Candidate => ({
  ...(candidate.account !== undefined && { account: candidate.account }),
  verify: (password, call) => advice.verify(() => candidate.verify(password, call)),
})
