import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Authenticator, BackendUnavailableError, rejected } from '@lockkeeper/core'
import { describe, expect, it } from 'vitest'
import { authenticatorContract, fakeAuthenticator, password } from '../src/index.ts'
import {
  BROKEN_MODES,
  type Break,
  EQUAL_WORK,
  NO_PASSWORD,
  OUTAGE,
  PING_DOWN,
  RECOVERS,
  STALLED,
} from './broken-modes.ts'
import { failedRules, ruleNames } from './collect.ts'
import { samplesOf } from './sample-mode.ts'

describe('a mode that keeps the rules passes', () => {
  authenticatorContract({ describe, it }, samplesOf())
})

describe('the smallest mode, with the fewest samples, passes', () => {
  authenticatorContract(
    { describe, it },
    {
      make: () => fakeAuthenticator({ people: { jane: 'right' } }),
      accepted: password('jane', 'right'),
      rejected: [password('jane', ''), password('jane', 'wrong')],
      unknown: [password('nobody', 'right')],
    },
  )
})

describe('a mode that cannot look names up passes', () => {
  const inner = fakeAuthenticator({ people: { jane: 'right' } })
  const claiming: Authenticator = {
    mode: inner.mode,
    claimsEveryName: true,
    lookUp: async (name, call) => ({
      async verify(attempt) {
        const candidate = await inner.lookUp(name, call)
        const result = await candidate.verify(attempt, call)
        return result.outcome === 'abstained' ? rejected('bad_credentials') : result
      },
    }),
  }
  authenticatorContract(
    { describe, it },
    {
      make: () => claiming,
      accepted: password('jane', 'right'),
      rejected: [password('jane', 'wrong')],
      unknown: [password('nobody', 'right')],
    },
  )
})

describe('a mode that breaks a rule fails that rule, and no other', () => {
  it.each(BROKEN_MODES)('%s: %s', async (rule, _what, breakIt) => {
    // One that never recovers is waited for.
    const samples = { ...samplesOf(breakIt), ...(rule === RECOVERS && { patienceMs: 2_000 }) }
    const failed = await failedRules((runner) => authenticatorContract(runner, samples))
    expect([...failed.keys()], [...failed.values()].join('\n')).toEqual([rule])
  })

  it('and every rule is broken by one', () => {
    const rules = ruleNames((runner) => authenticatorContract(runner, samplesOf()))
    expect(new Set(BROKEN_MODES.map(([rule]) => rule))).toEqual(new Set(rules))
  })
})

it('passes a mode that leaves a backend that failed alone for a while, as the circuit breaker of core does', async () => {
  let leftAlone = 0
  const careful: Break = (good, backend) => ({
    ...good,
    async lookUp(name, call) {
      if (backend.state === 'down') leftAlone = 3
      else if (leftAlone-- > 0) throw new BackendUnavailableError('sample', 'is left alone for a while')
      return good.lookUp(name, call)
    },
  })
  expect(await failedRules((runner) => authenticatorContract(runner, samplesOf(careful)))).toEqual(new Map())
})

it('tells the runner that a rule takes longer than five seconds where a password hash is slow', () => {
  const timeouts = new Set<number>()
  const it = (_name: string, _body: unknown, timeoutMs: number) => timeouts.add(timeoutMs)
  authenticatorContract({ describe: (_name, body) => body(), it }, samplesOf())
  expect([...timeouts]).toEqual([60_000])
})

describe('rules that need more than was given', () => {
  it('are left out', () => {
    const { verifications, breakBackend, stallBackend, restoreBackend, ...few } = samplesOf()
    const rules = (more: object) => ruleNames((runner) => authenticatorContract(runner, { ...few, ...more }))
    const optional = [EQUAL_WORK, STALLED, OUTAGE, NO_PASSWORD, PING_DOWN, RECOVERS]
    expect(rules({}).filter((rule) => optional.includes(rule))).toEqual([])
    expect(rules({ verifications })).toContain(EQUAL_WORK)
    expect(rules({ breakBackend })).toEqual(expect.arrayContaining([OUTAGE, NO_PASSWORD, PING_DOWN]))
    expect(rules({ breakBackend })).not.toContain(RECOVERS)
    expect(rules({ stallBackend })).not.toContain(STALLED)
    expect(rules({ stallBackend, restoreBackend })).toContain(STALLED)
  })
})

it('runs under node:test too', async () => {
  const samples = new URL('./sample-mode.ts', import.meta.url).href
  const contract = new URL('../src/index.ts', import.meta.url).href
  const program = `
    import { describe, it } from 'node:test'
    import { authenticatorContract } from ${JSON.stringify(contract)}
    import { samplesOf } from ${JSON.stringify(samples)}
    authenticatorContract({ describe, it }, samplesOf())`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout).toMatch(/(?:#|ℹ) pass 20\n/)
  expect(stdout).toMatch(/(?:#|ℹ) fail 0\n/)
})
