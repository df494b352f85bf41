import { describe, expect, it } from 'vitest'
import { chooseChallenge, usableBearer } from '../src/challenge-choice.ts'
import { parseChallenges } from '../src/challenge-parser.ts'

const challenges = (...fields: string[]) => parseChallenges(fields).challenges
const BEARER = 'Bearer realm="https://t.ex/a",service="reg"'

describe('chooseChallenge', () => {
  it('prefers Bearer to Basic in either order, and reports what it passed over', () => {
    for (const fields of [
      [BEARER, 'Basic realm="r"'],
      ['Basic realm="r"', BEARER],
    ]) {
      const { chosen, others } = chooseChallenge(challenges(...fields))

      expect(chosen).toEqual({ scheme: 'bearer', realm: 'https://t.ex/a', service: 'reg' })
      expect(others.map(({ scheme }) => scheme)).toEqual(['basic'])
    }
  })

  it('takes the first Bearer that has a valid realm', () => {
    const all = challenges('Bearer realm="/relative", Bearer realm="http://b.ex/", Bearer realm="https://c.ex/"')

    expect(chooseChallenge(all).chosen).toEqual({ scheme: 'bearer', realm: 'http://b.ex/' })
    expect(chooseChallenge(all).others).toHaveLength(2)
  })

  it('falls back to the first Basic when no Bearer is usable', () => {
    const { chosen, others } = chooseChallenge(
      challenges('Bearer realm="/token", Basic realm="one", Basic realm="two"'),
    )

    expect(chosen).toEqual({ scheme: 'basic', realm: 'one' })
    expect(others.map(({ scheme }) => scheme)).toEqual(['bearer', 'basic'])
    expect(chooseChallenge(challenges('Basic')).chosen).toEqual({ scheme: 'basic' })
  })

  it('chooses nothing when nothing can be answered', () => {
    const { chosen, others } = chooseChallenge(challenges('Negotiate, Digest realm="d"'))

    expect(chosen).toBeUndefined()
    expect(others).toHaveLength(2)
  })
})

describe('usableBearer', () => {
  it('gives every known parameter verbatim', () => {
    const header =
      'Bearer realm="HTTPS://t.ex/a?b=c",service="",scope="",error="odd",error_description="get, a new one",x="y"'

    expect(usableBearer(challenges(header))).toEqual({
      scheme: 'bearer',
      realm: 'HTTPS://t.ex/a?b=c',
      service: '',
      scope: '',
      error: 'odd',
      errorDescription: 'get, a new one',
    })
  })

  it.each([
    'https:t.ex',
    'https:///a',
    'https://[::1',
    'https://t.ex\\@evil.ex/',
    'javascript:alert(1)',
    'https://a b/',
  ])('does not take "%s" for an absolute http(s) URL', (realm) => {
    expect(usableBearer([{ scheme: 'bearer', params: new Map([['realm', realm]]) }])).toBeUndefined()
  })
})
