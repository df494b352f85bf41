import { fakeAuthenticator, fakeClock, recordingAudit } from '@lockkeeper/testing'
import {
  type Authenticator,
  AuthModeRegistry,
  authenticated,
  createAccountDirectory,
  createLogin,
  type Lockout,
  type LoginAttempt,
  type LoginParts,
  type LoginResult,
  memoryAccounts,
} from '../src/index.ts'

/** A lockout that freezes what was refused until it is thawed, and keeps what it was asked. */
export interface FakeLockout extends Lockout {
  /** Keys of refused attempts, such as `people/jane` and `account db_auth:7`. */
  readonly frozen: ReadonlySet<string>
  /** Every reservation that was asked for, as the keys it named. */
  readonly reservations: readonly (readonly string[])[]
  /** Every attempt it guarded. */
  readonly guarded: readonly { readonly name: string; readonly secret: string; readonly source: string }[]
  thaw(): void
}

const HOLD_MS = 1500

/** Makes one. */
export function fakeLockout(clock: { monotonicMs(): number }): FakeLockout {
  const frozen = new Set<string>()
  const reservations: string[][] = []
  const guarded: { name: string; secret: string; source: string }[] = []
  return {
    frozen,
    reservations,
    guarded,
    thaw: () => frozen.clear(),
    heldUntil: (arrivedAt) => arrivedAt + HOLD_MS,
    async guard({ space, name, secret, source }, verify) {
      const arrivedAt = clock.monotonicMs()
      guarded.push({ name, secret, source })
      let keys: string[] = []
      const result = await verify(async (account) => {
        keys = [`${space}/${name}`, ...(account === undefined ? [] : [`account ${account}`])]
        reservations.push(keys)
        return !keys.some((key) => frozen.has(key))
      })
      if (result.outcome === 'rejected') for (const key of keys) frozen.add(key)
      return { result, answerAt: arrivedAt + HOLD_MS }
    },
  }
}

/** A login with everything around it; modes are asked in the order they are given, unless told otherwise. */
export function house(modes: readonly Authenticator[], parts: Partial<LoginParts> = {}) {
  const clock = fakeClock()
  const audit = recordingAudit()
  const lockout = fakeLockout(clock)
  const accounts = memoryAccounts()
  const login = createLogin({
    modes: new AuthModeRegistry(modes),
    order: modes.map(({ mode }) => mode),
    lockout,
    accounts: createAccountDirectory(accounts),
    clock,
    audit,
    ...parts,
  })
  const attempt = (username: string, password: string, more: Partial<LoginAttempt> = {}): Promise<LoginResult> =>
    login({ username, password, source: '192.0.2.7', door: 'token', ...more })
  return {
    clock,
    audit,
    lockout,
    accounts,
    attempt,
    /** `in` with the mode that let the person in, a reason, or the code of what was thrown. */
    async outcome(username: string, password: string): Promise<string> {
      try {
        const result = await attempt(username, password)
        return result.outcome === 'authenticated' ? `in by ${result.identity.mode}` : result.reason
      } catch (error) {
        return error instanceof Error && 'code' in error ? String(error.code) : `unexpected ${error}`
      }
    },
  }
}

/** The code of "cannot tell". */
export const CANNOT_TELL = 'ERR_BACKEND_UNAVAILABLE'

/** A mode that cannot look names up: it sees a password for every name. */
export function claimsEveryName(mode: string, people: Readonly<Record<string, string>>): Authenticator {
  const inner = fakeAuthenticator({ mode, people })
  return {
    mode,
    claimsEveryName: true,
    lookUp: async (name, call) => ({
      verify: async (password) => (await inner.lookUp(name, call)).verify(password, call),
    }),
  }
}

/** People with local accounts: the mode's key is the account's id. */
export function localPeople(people: Readonly<Record<string, { id: number; password: string }>>): Authenticator {
  const inner = fakeAuthenticator({
    mode: 'db_auth',
    people: Object.fromEntries(Object.entries(people).map(([name, { password }]) => [name, password])),
  })
  return {
    mode: 'db_auth',
    async lookUp(name, call) {
      const candidate = await inner.lookUp(name, call)
      const id = candidate.account === undefined ? undefined : people[name.canonical]?.id
      return {
        ...(id !== undefined && { account: String(id) }),
        async verify(password, call) {
          const result = await candidate.verify(password, call)
          if (result.outcome !== 'authenticated') return result
          return authenticated({ ...result.identity, issuer: 'db_auth', subject: String(id) })
        },
      }
    },
  }
}
