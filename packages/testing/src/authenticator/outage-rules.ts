import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { inspect } from 'node:util'
import { type AuthResult, isBackendUnavailable } from '@lockkeeper/core'
import type { Rule } from '../contract.ts'
import type { PasswordSample } from './samples.ts'
import { type ModeUnderTest, type Settled, settled } from './subject.ts'

/** How long a mode may take to notice that nobody waits for it any more. */
const SOON_MS = 2_000
/** How long a call runs before it is given up, so that it is under way. */
const UNDER_WAY_MS = 50
/** How long after a login that ended in "cannot tell" the next one is tried, once the backend is back. */
const AGAIN_MS = 50

export const ABORT_RULE: Rule<ModeUnderTest> = {
  name: 'throws nothing but "cannot tell" when its signal was aborted',
  async check(subject) {
    const ended = await soon(settled(subject.logIn(subject.samples.accepted, AbortSignal.abort())))
    if ('error' in ended) assertCannotTell(ended, 'a call with an aborted signal')
  },
}

/** Needs a backend that can be stalled. */
export const STALL_RULE: Rule<ModeUnderTest> = {
  name: 'gives up a backend that does not answer as soon as its signal aborts',
  async check(subject) {
    await subject.mode()
    await subject.samples.stallBackend?.()
    try {
      const budget = new AbortController()
      const login = settled(subject.logIn(subject.samples.accepted, budget.signal))
      await setTimeout(UNDER_WAY_MS)
      budget.abort()
      assertCannotTell(await soon(login), 'a backend that does not answer')
    } finally {
      await subject.restoreBackend()
    }
  },
}

/** Need a backend that can be broken; they come last. */
export const OUTAGE_RULES: readonly Rule<ModeUnderTest>[] = [
  {
    name: 'cannot tell while its backend is down: nobody is let in, rejected or unknown',
    async check(subject) {
      await subject.breakBackend()
      const { accepted, rejected, unknown } = subject.samples
      // An empty password may be rejected before the backend is asked.
      for (const sample of [accepted, ...rejected, ...unknown].filter((sample) => sample.password !== '')) {
        assertCannotTell(await settled(subject.logIn(sample)), `an outage, for ${sample.username}`)
      }
    },
  },
  {
    name: 'puts no password into an error',
    async check(subject) {
      await subject.breakBackend()
      const { username } = subject.samples.accepted
      for (const password of ['c4nary-ünder-the-mine', 'Canary+/=:%"\\']) {
        const ended = await settled(subject.logIn({ username, password }))
        if ('error' in ended) assertHidden(ended.error, { username, password })
      }
    },
  },
]

/** Needs a backend that can be restored. */
export const RECOVERY_RULE: Rule<ModeUnderTest> = {
  name: 'works again when its backend does',
  async check(subject) {
    await subject.breakBackend()
    await settled(subject.logIn(subject.samples.accepted))
    await subject.restoreBackend()
    const ended = await whenItIsBack(subject)
    assert.ok('answer' in ended, `the backend is back, and the mode still throws ${'error' in ended && ended.error}`)
    assert.equal(ended.answer.outcome, 'authenticated')
  },
}

/** A mode may leave a backend that failed alone for a while, as `createHttpBackend` does. */
async function whenItIsBack(subject: ModeUnderTest): Promise<Settled<AuthResult>> {
  const patience = AbortSignal.timeout(subject.patienceMs)
  while (true) {
    const ended = await settled(subject.logIn(subject.samples.accepted))
    const isLeftAlone = 'error' in ended && isBackendUnavailable(ended.error)
    if (!isLeftAlone || patience.aborted) return ended
    await setTimeout(AGAIN_MS)
  }
}

function assertCannotTell(ended: Settled<{ readonly outcome: string }>, when: string): void {
  assert.ok('error' in ended, `${when} must throw BackendUnavailableError, not answer ${describe(ended)}`)
  assert.ok(isBackendUnavailable(ended.error), `${when} must throw BackendUnavailableError, not ${String(ended.error)}`)
}

const describe = (ended: Settled<{ readonly outcome: string }>): string =>
  'answer' in ended ? ended.answer.outcome : 'an error'

function assertHidden(error: unknown, { username, password }: PasswordSample): void {
  const printed = inspect(error, { depth: 12, showHidden: true })
  const bytes = Buffer.from(password)
  const forms = {
    'as it is': password,
    'in JSON': JSON.stringify(password).slice(1, -1),
    'in base64': bytes.toString('base64').replace(/=+$/, ''),
    'in Basic credentials': Buffer.from(`${username}:${password}`).toString('base64'),
    'in hexadecimal': bytes.toString('hex'),
    'as bytes': inspect(bytes).slice('<Buffer '.length, -1),
    'encoded for a URL': encodeURIComponent(password),
    reversed: [...password].reverse().join(''),
  }
  for (const [form, text] of Object.entries(forms)) {
    assert.ok(!printed.includes(text), `the error shows the password ${form}`)
  }
}

async function soon<T>(promise: Promise<T>): Promise<T> {
  const late = Symbol('late')
  const first = await Promise.race([promise, setTimeout(SOON_MS, late, { ref: false })])
  assert.ok(first !== late, `it must end within ${SOON_MS} ms after its signal was aborted`)
  return first as T
}
