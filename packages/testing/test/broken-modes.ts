import {
  type Authenticator,
  type AuthResult,
  authenticated,
  BackendUnavailableError,
  type Call,
  type Candidate,
  type Identity,
  type LoginName,
  rejected,
} from '@lockkeeper/core'
import type { SampleBackend } from './sample-mode.ts'

/** Makes a broken mode from one that keeps the rules. */
export type Break = (good: Authenticator, backend: SampleBackend) => Authenticator

/** Changes what a verification answers. */
const answering =
  (
    change: (result: AuthResult, attempt: string, name: LoginName, call: Call) => AuthResult | Promise<AuthResult>,
  ): Break =>
  (good) => ({
    ...good,
    async lookUp(name, call) {
      const candidate = await good.lookUp(name, call)
      return {
        ...candidate,
        verify: async (attempt, call) => change(await candidate.verify(attempt, call), attempt, name, call),
      }
    },
  })

/** Changes who is let in. */
const identifying = (change: (identity: Identity, name: LoginName) => Identity): Break =>
  answering((result, _attempt, name) =>
    result.outcome === 'authenticated' ? authenticated(change(result.identity, name)) : result,
  )

/** Changes the password before it is checked. */
const reading =
  (change: (attempt: string) => string): Break =>
  (good) => ({
    ...good,
    async lookUp(name, call) {
      const candidate = await good.lookUp(name, call)
      return { ...candidate, verify: (attempt, call) => candidate.verify(change(attempt), call) }
    },
  })

/** Changes the name before it is looked up. */
const spelling =
  (change: (typed: string) => string): Break =>
  (good) => ({
    ...good,
    lookUp(name, call) {
      const typed = change(name.typed)
      return good.lookUp(typed === name.typed ? name : { typed, canonical: typed }, call)
    },
  })

const keying =
  (change: (account: string | undefined, name: LoginName) => string | undefined): Break =>
  (good) => ({
    ...good,
    async lookUp(name, call): Promise<Candidate> {
      const { account, verify } = await good.lookUp(name, call)
      const changed = change(account, name)
      return { ...(changed !== undefined && { account: changed }), verify }
    },
  })

/** Lets an error of an outage show the password in some form, two causes deep. */
const leaking =
  (form: (attempt: string, name: LoginName) => string): Break =>
  (good, backend) => ({
    ...good,
    async lookUp(name, call) {
      if (backend.state !== 'down') return good.lookUp(name, call)
      return {
        async verify(attempt) {
          const cause = new Error('socket closed', { cause: new Error(`could not check ${form(attempt, name)}`) })
          throw new BackendUnavailableError(good.mode, 'does not answer', { cause })
        },
      }
    },
  })

const MODE = 'has a mode that can be registered'
const LETS_IN = 'lets the accepted person in, by every name'
const IDENTITY = 'says who that is: a whole identity of its own mode, as the backend spells it'
const ONE_SUBJECT = 'says the same issuer and subject at every login, by every name'
const REJECTS = 'rejects people it knows with what is wrong, and says why'
const ABSTAINS = 'abstains from names it does not know'
const ONE_ACCOUNT = 'knows an account by one key at every look-up and by every name, and strangers by none'
const APART = 'keeps logins that run at the same time apart'
export const EQUAL_WORK = 'checks one password for every attempt, whoever it is'
const EMPTY = 'never takes an empty password'
const AS_RECEIVED = 'compares passwords as they are received'
const STRANGE_NAMES = 'lets nobody in by a strange name, and fails on none'
const SEARCH = 'finds for administration whom it lets in, and nobody else'
const PING = 'answers a ping'
const ABORTED = 'throws nothing but "cannot tell" when its signal was aborted'
export const STALLED = 'gives up a backend that does not answer as soon as its signal aborts'
export const OUTAGE = 'cannot tell while its backend is down: nobody is let in, rejected or unknown'
export const NO_PASSWORD = 'puts no password into an error'
export const PING_DOWN = 'fails a ping with a typed error while its backend is down'
export const RECOVERS = 'works again when its backend does'

const PASSWORD = 'Correct é 1'
const withMode =
  (mode: string): Break =>
  (good, backend) => ({ ...identifying((id) => ({ ...id, mode }))(good, backend), mode })

/** One fault each, and the one rule that it breaks. */
export const BROKEN_MODES: readonly (readonly [rule: string, what: string, breakIt: Break])[] = [
  [MODE, 'a mode with a space', withMode('Sample Auth')],
  [
    LETS_IN,
    'one of three names refused',
    answering((result, _, { typed }) =>
      typed === 'JANE' && result.outcome === 'authenticated' ? rejected('bad_credentials') : result,
    ),
  ],
  [IDENTITY, 'another mode', identifying((identity) => ({ ...identity, mode: 'ldap_auth' }))],
  [IDENTITY, 'an empty user name', identifying((identity) => ({ ...identity, username: '' }))],
  [IDENTITY, 'the name that was typed', identifying((identity, { typed }) => ({ ...identity, username: typed }))],
  [
    IDENTITY,
    'a group twice',
    identifying((identity) => ({ ...identity, groups: [...identity.groups, { key: 'dev' }] })),
  ],
  [IDENTITY, 'no groups', identifying((identity) => ({ ...identity, groups: undefined as never }))],
  [
    ONE_SUBJECT,
    'the typed name as subject',
    identifying((identity, { typed }) => ({ ...identity, subject: typed === 'jane' ? identity.subject : typed })),
  ],
  [REJECTS, 'no reason', answering((result) => (result.outcome === 'rejected' ? rejected('' as never) : result))],
  [
    ABSTAINS,
    'strangers rejected',
    answering((result) => (result.outcome === 'abstained' ? rejected('unknown_name') : result)),
  ],
  [ONE_ACCOUNT, 'a new key each time', keying((account) => account && Math.random().toString())],
  [ONE_ACCOUNT, 'the typed name as key', keying((account, { typed }) => account && typed)],
  [ONE_ACCOUNT, 'an empty key', keying((account) => account && '')],
  [ONE_ACCOUNT, 'a key for strangers', keying((account, { canonical }) => account ?? canonical)],
  [APART, 'state shared by logins', sharesState],
  [
    EQUAL_WORK,
    'strangers for free',
    (good, backend) =>
      answering((result) => {
        if (result.outcome === 'abstained') backend.checks -= 1
        return result
      })(good, backend),
  ],
  [EMPTY, 'an unauthenticated bind taken for a success', reading((attempt) => (attempt === '' ? PASSWORD : attempt))],
  [AS_RECEIVED, 'trimmed', reading((attempt) => attempt.trim() || attempt)],
  [AS_RECEIVED, 'without its line end', reading((attempt) => attempt.replace(/\n$/, ''))],
  [
    AS_RECEIVED,
    'without case',
    reading((attempt) => (attempt.toLowerCase() === PASSWORD.toLowerCase() ? PASSWORD : attempt)),
  ],
  [AS_RECEIVED, 'only its beginning', reading((attempt) => attempt.slice(0, PASSWORD.length))],
  [AS_RECEIVED, 'normalised', reading((attempt) => attempt.normalize('NFC'))],
  [STRANGE_NAMES, 'a name that ends at NUL', spelling((typed) => typed.split('\0')[0] ?? '')],
  [STRANGE_NAMES, 'a pattern', spelling((typed) => (typed === 'jan?' ? 'jane' : typed))],
  [STRANGE_NAMES, 'an injected filter', spelling((typed) => typed.replace(/^\*\)\(uid=/, ''))],
  [STRANGE_NAMES, 'an error for a lone surrogate', spelling((typed) => decodeURIComponent(encodeURIComponent(typed)))],
  [
    SEARCH,
    'search by pattern',
    (good) => ({ ...good, searchUser: (name, call) => searching(good, name.replace('*', 'ane'), call) }),
  ],
  [SEARCH, 'search that finds nobody', (good) => ({ ...good, searchUser: async () => undefined })],
  [
    PING,
    'a ping that fails',
    (good, backend) => ({ ...good, ping: () => Promise.reject(new BackendUnavailableError('sample', backend.state)) }),
  ],
  [
    ABORTED,
    'an abort error',
    (good) => ({
      ...good,
      async lookUp(name, call) {
        call.signal.throwIfAborted()
        return good.lookUp(name, call)
      },
    }),
  ],
  [
    STALLED,
    'a signal that nobody listens to',
    (good) => ({
      ...good,
      lookUp: (name, { signal }) =>
        good.lookUp(name, signal.aborted ? { signal } : { signal: new AbortController().signal }),
    }),
  ],
  [
    OUTAGE,
    'an outage that rejects',
    duringOutage(async () => ({ account: '7', verify: async () => rejected('bad_credentials') })),
  ],
  [
    OUTAGE,
    'an outage that knows nobody',
    duringOutage(async () => ({ verify: async () => ({ outcome: 'abstained' }) })),
  ],
  [OUTAGE, 'an outage with an error of another kind', duringOutage(() => Promise.reject(new Error('ECONNREFUSED')))],
  [NO_PASSWORD, 'in clear', leaking((attempt) => attempt)],
  [NO_PASSWORD, 'in JSON', leaking((attempt) => JSON.stringify({ attempt }))],
  [NO_PASSWORD, 'in base64', leaking((attempt) => Buffer.from(attempt).toString('base64'))],
  [NO_PASSWORD, 'in a header', leaking((attempt, { typed }) => Buffer.from(`${typed}:${attempt}`).toString('base64'))],
  [NO_PASSWORD, 'in hexadecimal', leaking((attempt) => Buffer.from(attempt).toString('hex'))],
  [NO_PASSWORD, 'in a form', leaking((attempt) => encodeURIComponent(attempt))],
  [NO_PASSWORD, 'reversed', leaking((attempt) => [...attempt].reverse().join(''))],
  [PING_DOWN, 'a ping that never fails', (good) => ({ ...good, ping: async () => {} })],
  [
    PING_DOWN,
    'a ping with a bare error',
    (good, backend) => ({
      ...good,
      async ping() {
        if (backend.state !== 'up') throw new Error('no')
      },
    }),
  ],
  [RECOVERS, 'an outage without end', neverRecovers],
]

function sharesState(good: Authenticator): Authenticator {
  let current: Candidate | undefined
  return {
    ...good,
    async lookUp(name, call) {
      const candidate = await good.lookUp(name, call)
      current = candidate
      return {
        ...candidate,
        async verify(attempt, call) {
          await new Promise((resolve) => setImmediate(resolve))
          return (current ?? candidate).verify(attempt, call)
        },
      }
    },
  }
}

function duringOutage(lookUp: () => Promise<Candidate>): Break {
  return (good, backend) => ({
    ...good,
    lookUp: (name, call) => (backend.state === 'down' ? lookUp() : good.lookUp(name, call)),
  })
}

function neverRecovers(good: Authenticator, backend: SampleBackend): Authenticator {
  let wasDown = false
  return {
    ...good,
    async lookUp(name, call) {
      wasDown ||= backend.state === 'down'
      if (wasDown) throw new BackendUnavailableError('sample', 'was down once')
      return good.lookUp(name, call)
    },
  }
}

async function searching(good: Authenticator, name: string, call: Call): Promise<Identity | undefined> {
  return good.searchUser?.(name, call)
}
