import assert from 'node:assert/strict'
import { AuthModeRegistry, type Identity } from '@lockkeeper/core'
import type { Rule } from '../contract.ts'
import type { PasswordSample } from './samples.ts'
import type { ModeUnderTest } from './subject.ts'

/** Who gets in, who does not, and as whom. */
export const OUTCOME_RULES: readonly Rule<ModeUnderTest>[] = [
  {
    name: 'has a mode that can be registered',
    async check(subject) {
      new AuthModeRegistry([await subject.mode()])
    },
  },
  {
    name: 'lets the accepted person in, by every name',
    async check(subject) {
      for (const sample of acceptedSpellings(subject)) {
        assert.equal((await subject.logIn(sample)).outcome, 'authenticated', `${sample.username} must be let in`)
      }
    },
  },
  {
    name: 'says who that is: a whole identity of its own mode, as the backend spells it',
    async check(subject) {
      const identity = await identityOf(subject, subject.samples.accepted)
      assert.equal(identity?.mode, (await subject.mode()).mode, 'identity.mode must be the mode itself')
      for (const field of ['issuer', 'subject', 'username'] as const) {
        assert.ok(isFilled(identity?.[field]), `identity.${field} must be a non-empty string`)
      }
      assert.ok(Array.isArray(identity?.groups), 'identity.groups must be an array; empty when there are none')
      const keys = identity.groups.map((group) => group?.key)
      assert.ok(keys.every(isFilled), 'every group must have a non-empty key')
      assert.equal(new Set(keys).size, keys.length, 'no group may be named twice')
      assert.deepEqual(
        { ...identity, ...subject.samples.identity },
        { ...identity },
        'identity differs from the sample',
      )
    },
  },
  {
    name: 'says the same issuer and subject at every login, by every name',
    async check(subject) {
      const logins = [...acceptedSpellings(subject), subject.samples.accepted]
      const identities = await Promise.all(logins.map((sample) => identityOf(subject, sample)))
      const keys = identities.flatMap((identity) => (identity ? [`${identity.issuer} ${identity.subject}`] : []))
      assert.equal(new Set(keys).size, 1, `one person must be one subject, not ${[...new Set(keys)].join(', ')}`)
    },
  },
  {
    name: 'rejects people it knows with what is wrong, and says why',
    async check(subject) {
      for (const sample of subject.samples.rejected) {
        const result = await subject.logIn(sample)
        assert.equal(result.outcome, 'rejected', `${sample.username} must be rejected`)
        assert.ok(result.outcome === 'rejected' && isFilled(result.reason), 'a rejection must have a reason')
      }
    },
  },
  {
    name: 'abstains from names it does not know',
    async check(subject) {
      const { claimsEveryName } = await subject.mode()
      // Who cannot look names up cannot tell somebody unknown from somebody with a wrong password either.
      const allowed = claimsEveryName ? ['abstained', 'rejected'] : ['abstained']
      for (const sample of subject.samples.unknown) {
        const { outcome } = await subject.logIn(sample)
        assert.ok(allowed.includes(outcome), `${sample.username} must end as ${allowed.join(' or ')}, not ${outcome}`)
      }
    },
  },
  {
    name: 'knows an account by one key at every look-up and by every name, and strangers by none',
    async check(subject) {
      const accountOf = async ({ username }: PasswordSample) => (await subject.lookUp(username)).account
      for (const sample of subject.samples.unknown) {
        assert.equal(await accountOf(sample), undefined, `a look-up of ${sample.username} must find no account`)
      }
      const accounts = await Promise.all([...acceptedSpellings(subject), subject.samples.accepted].map(accountOf))
      if ((await subject.mode()).claimsEveryName) {
        assert.deepEqual(new Set(accounts), new Set([undefined]), 'a mode that claims every name looks none up')
        return
      }
      assert.ok(accounts.every(isFilled), 'the account of a known name must be a non-empty string')
      assert.equal(new Set(accounts).size, 1, `one person must be one account, not ${accounts.join(', ')}`)
    },
  },
  {
    name: 'keeps logins that run at the same time apart',
    async check(subject) {
      const { accepted, rejected, unknown } = subject.samples
      const attempts = Array.from({ length: 8 }, () => [
        accepted,
        ...rejected.slice(0, 2),
        ...unknown.slice(0, 2),
      ]).flat()
      const outcomes = await Promise.all(attempts.map(async (sample) => (await subject.logIn(sample)).outcome))
      outcomes.forEach((outcome, index) => {
        const isAccepted = attempts[index] === accepted
        assert.equal(outcome === 'authenticated', isAccepted, `${attempts[index]?.username} ended as ${outcome}`)
      })
    },
  },
]

/** Needs a backend that counts. */
export const EQUAL_WORK_RULE: Rule<ModeUnderTest> = {
  name: 'checks one password for every attempt, whoever it is',
  async check(subject) {
    const { accepted, rejected, unknown, verifications } = subject.samples
    // An empty password may be refused before the backend is asked.
    for (const sample of [accepted, ...rejected, ...unknown].filter((sample) => sample.password !== '')) {
      const before = verifications?.() ?? 0
      await subject.logIn(sample)
      const checks = (verifications?.() ?? 0) - before
      assert.equal(
        checks,
        1,
        `an attempt on ${sample.username} must cost one check, not ${checks}: time tells who exists`,
      )
    }
  },
}

const acceptedSpellings = ({ samples: { accepted, spellings = [] } }: ModeUnderTest): readonly PasswordSample[] => [
  accepted,
  ...spellings.map((username) => ({ ...accepted, username })),
]

async function identityOf(subject: ModeUnderTest, sample: PasswordSample): Promise<Identity | undefined> {
  const result = await subject.logIn(sample)
  return result.outcome === 'authenticated' ? result.identity : undefined
}

const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''
