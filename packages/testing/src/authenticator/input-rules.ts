import assert from 'node:assert/strict'
import { isBackendUnavailable, isUsablePassword } from '@lockkeeper/core'
import type { Rule } from '../contract.ts'
import { type ModeUnderTest, settled } from './subject.ts'

/** What people and attackers type. */
export const INPUT_RULES: readonly Rule<ModeUnderTest>[] = [
  {
    name: 'never takes an empty password',
    async check(subject) {
      const { accepted, unknown } = subject.samples
      for (const { username } of [accepted, ...unknown]) {
        await assertKeptOut(subject, username, '', 'an empty password')
      }
    },
  },
  {
    name: 'compares passwords as they are received',
    async check(subject) {
      const { username, password } = subject.samples.accepted
      for (const [what, nearMiss] of nearMisses(password)) {
        await assertKeptOut(subject, username, nearMiss, `the password ${what}`)
      }
    },
  },
  {
    name: 'lets nobody in by a strange name, and fails on none',
    async check(subject) {
      const { username, password } = subject.samples.accepted
      for (const name of strangeNames(username)) {
        const ended = await settled(subject.logIn({ username: name, password }))
        if ('error' in ended) {
          assert.ok(isBackendUnavailable(ended.error), `${JSON.stringify(name)} ended in ${String(ended.error)}`)
        } else {
          assert.notEqual(ended.answer.outcome, 'authenticated', `${JSON.stringify(name)} must let nobody in`)
        }
      }
    },
  },
]

async function assertKeptOut(subject: ModeUnderTest, username: string, password: string, what: string): Promise<void> {
  const { outcome } = await subject.logIn({ username, password })
  assert.notEqual(outcome, 'authenticated', `${what} let ${username} in`)
}

/** Passwords that differ from the right one by what careless code drops. */
function nearMisses(password: string): readonly (readonly [string, string])[] {
  const misses = [
    ['with a space before it', ` ${password}`],
    ['with a space after it', `${password} `],
    ['with a line feed after it', `${password}\n`],
    ['with one more letter', `${password}x`],
    ['without its last letter', password.slice(0, -1)],
    ['in upper case', password.toUpperCase()],
    ['in lower case', password.toLowerCase()],
    ['in another Unicode form', password.normalize('NFD')],
    ['in a compatible Unicode form', password.normalize('NFKC')],
    ['twice', password + password],
    ['filled up to 1024 bytes', password + 'x'.repeat(Math.max(0, 1024 - Buffer.byteLength(password)))],
  ] as const
  // What a login would refuse before any mode sees it is not this mode's to judge.
  return misses.filter(([, miss]) => miss !== password && isUsablePassword(miss))
}

/** Names that somebody might get in by: parts and patterns of a real one, and what breaks careless code. */
const strangeNames = (username: string): readonly string[] => [
  `${username}\0`,
  `${username}\0x`,
  `${username}\n`,
  `${username}\u202e`,
  `${username.slice(0, 1)}*`,
  `${username.slice(0, 1)}%`,
  `${username.slice(0, -1)}_`,
  `${username.slice(0, -1)}?`,
  `${username.slice(0, -1)}.`,
  '*',
  '%',
  '.*',
  `*)(uid=${username}`,
  `${username})(objectClass=*`,
  `uid=${username},dc=example,dc=org`,
  `' or '1'='1`,
  `${username}' --`,
  `${username}" or "1"="1`,
  `../${username}`,
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  'EXTERNAL',
  '\u0000',
  '\ud800',
  '😀'.repeat(255),
  'x'.repeat(10_000),
]
