import { isIP } from 'node:net'
import {
  type Account,
  type AccountAdministration,
  type AccountStore,
  type Authenticator,
  BackendUnavailableError,
  canonicalName,
  InvalidInputError,
  isBackendUnavailable,
  LOCAL_MODE,
  unknownName,
} from '@lockkeeper/core'
import type { FrozenDelay, Lock, LockoutCounters, LockSubject } from '@lockkeeper/lockout'

/** One running freeze, as the command line shows it. */
export interface ShownLock {
  /** The name of a known account, the account as its mode keys it, or `unknown:` and a digest. */
  readonly who: string
  /** Whether it is the name that was typed that is frozen, or the account that it means. */
  readonly what: 'name' | 'account' | 'unknown'
  readonly space?: string
  /** UTC, RFC 3339. */
  readonly since: string
  readonly forMs: number
  /** Consecutive failures. */
  readonly failures: number
  /** The network that the last one came from. */
  readonly source: string
  /** What `locks clear --key` takes. */
  readonly key: string
}

/** What an operator can ask of the lockout of a running server. */
export interface LockDesk {
  list(): Promise<readonly ShownLock[]>
  /** Ends the freezes of a name and its accounts, of one key, or all. @returns How many. */
  clear(target: { readonly name: string } | { readonly key: string } | 'all'): Promise<number>
  /** Why a login under this name, from this address, is refused now. */
  explain(name: string, source?: string): Promise<readonly string[]>
  counters(): Readonly<LockoutCounters>
}

/** What a desk is made of. */
export interface LockDeskParts {
  readonly lockout: FrozenDelay
  readonly accounts: Pick<AccountStore & AccountAdministration, 'findById' | 'list'>
  readonly modes: readonly Authenticator[]
}

const SPACE = 'people'
const LOOK_UP_MS = 5_000
const PAGE = 1000
/** How many accounts are tried on the digests that another process froze. */
const MOST_ACCOUNTS = 100_000

/** Makes the operator's view of a lockout: it names whom the store knows by digests alone. */
export function createLockDesk({ lockout, accounts, modes }: LockDeskParts): LockDesk {
  return {
    async list() {
      const locks = await lockout.list()
      const isComplete = locks.every(({ subject }) => subject !== undefined)
      const named = isComplete ? locks : await lockout.list({ known: await knownSubjects() })
      return Promise.all(named.map(shown))
    },
    async clear(target) {
      if (target === 'all') return lockout.clear()
      if ('key' in target) return lockout.clear(target)
      const { canonical, accounts, unasked } = await subjectsOf(target.name)
      const subjects = [{ space: SPACE, name: canonical }, ...accounts.map((account) => ({ space: SPACE, account }))]
      let cleared = 0
      let fault: unknown
      for (const subject of subjects) {
        // A store that is down is told of none of them; this server forgets them all.
        cleared += await lockout.clear(subject).catch((error) => {
          fault = error
          return 0
        })
      }
      if (fault !== undefined) throw fault
      if (unasked.length === 0) return cleared
      throw new BackendUnavailableError(unasked.join(), `cannot say whose name it is; ${cleared} freezes were cleared`)
    },
    async explain(name, source) {
      if (source !== undefined && isIP(source) === 0) {
        throw new InvalidInputError('--source is no address: give it as 192.0.2.7 or 2001:db8::7')
      }
      const { canonical, accounts, unasked } = await subjectsOf(name)
      const login = { space: SPACE, name: canonical, accounts, ...(source !== undefined && { source }) }
      const reasons = await lockout.explain(login)
      const unsure = unasked.map((mode) => `${mode} cannot say whose name it is`)
      return unsure.length > 0 && reasons[0] === 'not frozen' ? unsure : [...unsure, ...reasons]
    },
    counters: () => lockout.counters(),
  }

  /** A name, and every account that a mode knows by it: a login reserves no others. */
  async function subjectsOf(typed: string) {
    const canonical = canonicalName(typed)
    if (canonical === undefined) throw new InvalidInputError('no login can have this name: it is never frozen')
    const call = { signal: AbortSignal.timeout(LOOK_UP_MS) }
    const found: string[] = []
    const unasked: string[] = []
    for (const mode of modes) {
      try {
        const { account } = await mode.lookUp({ typed, canonical }, call)
        if (account !== undefined) found.push(`${mode.mode}:${account}`)
      } catch (error) {
        if (!isBackendUnavailable(error)) throw error
        unasked.push(mode.mode)
      }
    }
    return { canonical, accounts: found, unasked }
  }

  async function knownSubjects(): Promise<readonly LockSubject[]> {
    const known: LockSubject[] = []
    let after = 0
    for (let read = 0; read < MOST_ACCOUNTS; read += PAGE) {
      const page = await accounts.list({ after, limit: PAGE })
      for (const account of page)
        known.push(...namesOf(account), { space: SPACE, account: `${LOCAL_MODE}:${account.id}` })
      if (page.length < PAGE) break
      after = page.at(-1)?.id ?? after
    }
    return known
  }

  async function shown({ subject, ...lock }: Lock): Promise<ShownLock> {
    if (subject === undefined) return { who: unknownName(lock.key), what: 'unknown', ...lock }
    const { space } = subject
    if ('name' in subject) return { who: subject.name, what: 'name', space, ...lock }
    return { who: await nameOf(subject.account), what: 'account', space, ...lock }
  }

  /** The stored name of a local account; an account of a directory is shown as its mode keys it. */
  async function nameOf(key: string): Promise<string> {
    const [mode, id] = key.split(':')
    const account = mode === LOCAL_MODE ? await accounts.findById(Number(id)) : undefined
    return account?.username ?? key
  }
}

function* namesOf({ username, email }: Pick<Account, 'username' | 'email'>): Generator<LockSubject> {
  for (const name of [username, email]) {
    const canonical = name === undefined ? undefined : canonicalName(name)
    if (canonical !== undefined) yield { space: SPACE, name: canonical }
  }
}
