import assert from 'node:assert/strict'
import type { Authenticator, Call } from '@lockkeeper/core'
import type { Rule } from '../contract.ts'
import { type ModeUnderTest, settled } from './subject.ts'

const call: Call = { signal: new AbortController().signal }

/** What a mode may offer for administration; each holds for a mode that does not offer it. */
export const ADMINISTRATION_RULES: readonly Rule<ModeUnderTest>[] = [
  {
    name: 'finds for administration whom it lets in, and nobody else',
    async check(subject) {
      const mode = await subject.mode()
      if (!mode.searchUser) return
      const login = await subject.logIn(subject.samples.accepted)
      const found = await mode.searchUser(subject.samples.accepted.username, call)
      const expected = login.outcome === 'authenticated' ? [login.identity.issuer, login.identity.subject] : []
      assert.deepEqual([found?.issuer, found?.subject], expected, 'searchUser must find the identity that logs in')
      for (const { username } of subject.samples.unknown) {
        assert.equal(await mode.searchUser(username, call), undefined, `searchUser must not find ${username}`)
      }
    },
  },
  {
    name: 'answers a ping',
    async check(subject) {
      await (await subject.mode()).ping?.(call)
    },
  },
]

/** Needs a backend that can be broken. */
export const PING_RULE: Rule<ModeUnderTest> = {
  name: 'fails a ping with a typed error while its backend is down',
  async check(subject) {
    const mode: Authenticator = await subject.mode()
    if (!mode.ping) return
    await subject.breakBackend()
    const ended = await settled(mode.ping(call))
    assert.ok('error' in ended, 'ping must fail')
    const { error } = ended
    const isTyped = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_')
    assert.ok(isTyped, `ping must fail with an error that has a code, not with ${String(error)}`)
  },
}
