import { describe, expect, it } from 'vitest'
import { usableBearer } from '../src/challenge-choice.ts'
import { type ChallengeProblemCode, parseChallenges } from '../src/challenge-parser.ts'
import { parseScopeList } from '../src/scope-list.ts'

/** The one-letter codes that the vectors use. */
const CODES = {
  U: 'unterminated_quote',
  V: 'missing_value',
  G: 'garbage_after_parameter',
  P: 'parameter_without_scheme',
  B: 'bad_character',
  D: 'duplicate_parameter',
} as const satisfies Record<string, ChallengeProblemCode>

const REALM = 'https://t.ex/a'
const BASIC = ['basic', { realm: 'r' }] as const
const BEARER = ['bearer', { realm: REALM, service: 'reg' }] as const

interface Vector {
  readonly number: number
  readonly fields: readonly string[]
  /** Scheme, then parameters or the token68. */
  readonly challenges: readonly (readonly [scheme: string, params: Readonly<Record<string, string>> | string])[]
  readonly problem?: keyof typeof CODES
  /** Whether a client could ask the realm of a Bearer challenge for a token. */
  readonly usable: boolean
}

const bearer = (params: Readonly<Record<string, string>>) => ['bearer', { realm: REALM, ...params }] as const

// biome-ignore format: one vector, one line
const VECTORS: readonly Vector[] = [
  { number: 1, fields: ['Bearer realm="https://t.ex/a",service="reg"'], challenges: [BEARER], usable: true },
  { number: 2, fields: ['bearer REALM="https://t.ex/a",Service="Reg"'], challenges: [bearer({ service: 'Reg' })], usable: true },
  { number: 3, fields: ['Bearer realm="https://t.ex/a",service="reg",scope="repository:a/b:pull,push"'], challenges: [bearer({ service: 'reg', scope: 'repository:a/b:pull,push' })], usable: true },
  { number: 4, fields: ['Bearer realm="https://t.ex/a",service="reg",scope="repository:a/b:pull,push repository:c/d:pull",error="insufficient_scope"'], challenges: [bearer({ service: 'reg', scope: 'repository:a/b:pull,push repository:c/d:pull', error: 'insufficient_scope' })], usable: true },
  { number: 5, fields: ['Bearer realm="https://t.ex/a?tenant=x&y=1",service="my reg"'], challenges: [['bearer', { realm: 'https://t.ex/a?tenant=x&y=1', service: 'my reg' }]], usable: true },
  { number: 6, fields: ['Bearer realm="https://t.ex/a", service=reg , scope="registry:catalog:*"'], challenges: [bearer({ service: 'reg', scope: 'registry:catalog:*' })], usable: true },
  { number: 7, fields: ['Bearer realm = "https://t.ex/a" , service = "reg"'], challenges: [BEARER], usable: true },
  { number: 8, fields: ['Bearer ,realm="https://t.ex/a",,service="reg",'], challenges: [BEARER], usable: true },
  { number: 9, fields: ['Bearer realm="https://t.ex/a",scope="",service="reg"'], challenges: [bearer({ scope: '', service: 'reg' })], usable: true },
  { number: 10, fields: ['Bearer realm="https://t.ex/a",service="a\\"b\\\\c\\d"'], challenges: [bearer({ service: 'a"b\\cd' })], usable: true },
  { number: 11, fields: ['Bearer realm="https://t.ex/a",service="x=1,y=2; Basic realm=z"'], challenges: [bearer({ service: 'x=1,y=2; Basic realm=z' })], usable: true },
  { number: 12, fields: ['Basic realm="Registry Realm"'], challenges: [['basic', { realm: 'Registry Realm' }]], usable: false },
  { number: 13, fields: ['Basic realm="r", charset="UTF-8", Bearer realm="https://t.ex/a",service="reg"'], challenges: [['basic', { realm: 'r', charset: 'UTF-8' }], BEARER], usable: true },
  { number: 14, fields: ['Bearer realm="https://t.ex/a",service="reg", Basic realm="r"'], challenges: [BEARER, BASIC], usable: true },
  { number: 15, fields: ['Basic realm="r"', 'Bearer realm="https://t.ex/a",service="reg"'], challenges: [BASIC, BEARER], usable: true },
  { number: 16, fields: ['Negotiate, Bearer realm="https://t.ex/a",service="reg"'], challenges: [['negotiate', {}], BEARER], usable: true },
  { number: 17, fields: ['Negotiate YWJj=='], challenges: [['negotiate', 'YWJj==']], usable: false },
  { number: 18, fields: ['Negotiate YWJj==, Basic realm="r"'], challenges: [['negotiate', 'YWJj=='], BASIC], usable: false },
  { number: 19, fields: ['Digest realm="d",nonce="n",qop="auth,auth-int", Bearer realm="https://t.ex/a"'], challenges: [['digest', { realm: 'd', nonce: 'n', qop: 'auth,auth-int' }], bearer({})], usable: true },
  { number: 20, fields: ['Bearer realm="https://t.ex/a",service="reg",error="invalid_token",error_description="expired, get a new one"'], challenges: [bearer({ service: 'reg', error: 'invalid_token', error_description: 'expired, get a new one' })], usable: true },
  { number: 21, fields: ['Bearer realm="https://t.ex/a",service="reg",scope="repository:reg.ex:5000/a/b:pull"'], challenges: [bearer({ service: 'reg', scope: 'repository:reg.ex:5000/a/b:pull' })], usable: true },
  { number: 22, fields: ['Bearer realm="https://t.ex/a",service="one",service="two"'], challenges: [bearer({ service: 'two' })], problem: 'D', usable: true },
  { number: 23, fields: ['Bearer realm="https://t.ex/a" service="reg"'], challenges: [bearer({})], problem: 'G', usable: true },
  { number: 24, fields: ['Bearer realm="https://t.ex/a",service="reg'], challenges: [bearer({})], problem: 'U', usable: true },
  { number: 25, fields: ['Bearer realm="https://t.ex/a",service='], challenges: [bearer({})], problem: 'V', usable: true },
  { number: 26, fields: ['Bearer realm=https://t.ex/a,service="reg"'], challenges: [['bearer', { realm: 'https' }]], problem: 'G', usable: false },
  { number: 27, fields: ["Bearer realm='https://t.ex/a',service='reg'"], challenges: [['bearer', { realm: "'https" }]], problem: 'G', usable: false },
  { number: 28, fields: ['Bearer'], challenges: [['bearer', {}]], usable: false },
  { number: 29, fields: ['Bearer service="reg"'], challenges: [['bearer', { service: 'reg' }]], usable: false },
  { number: 30, fields: ['Bearer realm="/token",service="reg"'], challenges: [['bearer', { realm: '/token', service: 'reg' }]], usable: false },
  { number: 31, fields: ['Bearer realm="t.ex:5001/token"'], challenges: [['bearer', { realm: 't.ex:5001/token' }]], usable: false },
  { number: 32, fields: ['realm="https://t.ex/a",service="reg"'], challenges: [], problem: 'P', usable: false },
  { number: 33, fields: ['"Bearer" realm="x"'], challenges: [], problem: 'B', usable: false },
  { number: 34, fields: [''], challenges: [], usable: false },
]

const parsed = ({ fields }: Vector) =>
  parseChallenges(fields).challenges.map(({ scheme, params, token68 }) => [
    scheme,
    token68 ?? Object.fromEntries(params),
  ])

describe('the challenge vectors', () => {
  it.each(VECTORS)('reads vector $number: $fields', (vector) => {
    const { problems } = parseChallenges(vector.fields)

    expect(parsed(vector)).toEqual(vector.challenges)
    expect(problems.map(({ code }) => code)).toEqual(vector.problem ? [CODES[vector.problem]] : [])
  })

  it.each(VECTORS)('finds a usable Bearer in vector $number: $usable', ({ fields, usable }) => {
    expect(usableBearer(parseChallenges(fields).challenges) !== undefined).toBe(usable)
  })

  it('reads an absent header as no challenge', () => {
    expect(parseChallenges(null)).toEqual({ challenges: [], problems: [] })
    expect(parseChallenges([])).toEqual({ challenges: [], problems: [] })
  })

  it('splits the scope of vector 4 into two scopes', () => {
    const [challenge] = parseChallenges(VECTORS[3]!.fields).challenges

    expect(parseScopeList([challenge!.params.get('scope')!]).scopes).toEqual([
      { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
      { type: 'repository', name: 'c/d', actions: ['pull'] },
    ])
  })

  it('CLI-02: is a table that a parser which splits at commas fails', () => {
    const naive = ({ fields }: Vector) =>
      fields.map((field) => {
        const [scheme = '', ...rest] = field.split(' ')
        const params = rest.join(' ').split(',')
        const pairs = params.map((param) => param.split('=').map((part) => part.trim().replaceAll('"', '')))
        return [scheme.toLowerCase(), Object.fromEntries(pairs)]
      })
    const wrong = VECTORS.filter((vector) => JSON.stringify(naive(vector)) !== JSON.stringify(vector.challenges))

    expect(wrong.map(({ number }) => number)).toEqual(expect.arrayContaining([3, 4, 10, 11, 13, 14, 19, 20]))
    expect(wrong).not.toHaveLength(VECTORS.length)
  })
})
