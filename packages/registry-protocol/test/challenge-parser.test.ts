import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Challenge, formatChallenge } from '../src/challenge.ts'
import { CHALLENGE_LIMITS, parseChallenges } from '../src/challenge-parser.ts'

const codes = (values: readonly string[] | string) => parseChallenges(values).problems.map(({ code }) => code)
const read = (values: readonly string[] | string) =>
  parseChallenges(values).challenges.map(({ scheme, params, token68 }) => [
    scheme,
    token68 ?? Object.fromEntries(params),
  ])

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,12}$/)
const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) })
const challenge: fc.Arbitrary<Challenge> = fc.oneof(
  fc.record({ scheme: token, params: fc.array(fc.tuple(token, value), { maxLength: 6 }).map((all) => new Map(all)) }),
  fc.record({
    scheme: token,
    params: fc.constant(new Map<string, string>()),
    token68: fc.stringMatching(/^[0-9A-Za-z._~+/-]{1,20}={0,3}$/),
  }),
)

/** Texts that are likely to come close to the grammar. */
const nearChallenge = fc
  .array(
    fc.oneof(
      fc.constantFrom('Bearer', 'Basic', 'realm', '"', '\\', ',', '=', ' ', '\t', '==', '"x"', 'a=b', '\n', 'é'),
      fc.string(),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''))

describe('parseChallenges', () => {
  it('reads back whatever the printer printed', () => {
    fc.assert(
      fc.property(challenge, (printed) => {
        expect(parseChallenges(formatChallenge(printed))).toEqual({ challenges: [printed], problems: [] })
      }),
    )
  })

  it('reads several challenges alike from several fields and from one field', () => {
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 5 }), (all) => {
        const fields = all.map(formatChallenge)
        const expected = { challenges: all, problems: [] }

        expect(parseChallenges(fields)).toEqual(expected)
        expect(parseChallenges(fields.join(', '))).toEqual(expected)
      }),
    )
  })

  it('never throws, and only names problems inside the text', () => {
    fc.assert(
      fc.property(fc.array(nearChallenge, { maxLength: 3 }), (fields) => {
        for (const { field, offset } of parseChallenges(fields).problems) {
          expect(offset).toBeGreaterThanOrEqual(0)
          expect(offset).toBeLessThanOrEqual(fields[field]!.length)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('keeps a challenge open over several fields, which mean the same as one', () => {
    expect(read(['Bearer realm="x"', 'service="y"'])).toEqual([['bearer', { realm: 'x', service: 'y' }]])
  })

  it('gives no parameter of a later field to a challenge that was malformed', () => {
    expect(read(['Bearer realm="x', 'service="y", Basic realm="z"', 'Basic realm="r"'])).toEqual([
      ['bearer', {}],
      ['basic', { realm: 'r' }],
    ])
  })

  it('says where a problem is', () => {
    expect(parseChallenges(['Basic realm="r"', 'Bearer realm="https://t.ex/a" service="reg"']).problems).toEqual([
      { code: 'garbage_after_parameter', field: 1, offset: 30 },
    ])
    expect(parseChallenges('Bearer a="1",b="2",a="3').problems).toEqual([
      { code: 'unterminated_quote', field: 0, offset: 21 },
    ])
    expect(parseChallenges('Bearer a="1",a="2"').problems).toEqual([
      { code: 'duplicate_parameter', field: 0, offset: 13 },
    ])
  })

  it.each([
    ['a scheme that is not separated from what follows', 'Bearer/x realm="r"', []],
    ['two words after a scheme', 'Bearer one two', [['bearer', {}]]],
    ['a quoted string after a scheme', 'Bearer "x"', [['bearer', {}]]],
    ['a line break in a quoted string', 'Bearer realm="a\r\nSet-Cookie: x"', [['bearer', {}]]],
    ['DEL in a quoted string', 'Bearer realm="a\x7fb"', [['bearer', {}]]],
    ['a control character after a backslash', 'Bearer realm="a\\\0b"', [['bearer', {}]]],
    ['a value that is neither token nor quoted', 'Bearer realm=(x)', [['bearer', {}]]],
  ])('stops at %s', (_, text, challenges) => {
    expect(read(text)).toEqual(challenges)
    expect(codes(text)).toEqual(['bad_character'])
  })

  it('keeps tabs and characters beyond ASCII in quoted strings, and an escaped quotation mark at the end', () => {
    expect(read('Basic realm="a\tb é \\""')).toEqual([['basic', { realm: 'a\tb é "' }]])
  })

  it('takes a backslash as the last character for an unterminated quote', () => {
    expect(codes('Bearer realm="x\\')).toEqual(['unterminated_quote'])
    expect(codes('Bearer realm="x\\"')).toEqual(['unterminated_quote'])
  })

  it('takes a token68 only directly after its scheme, and nothing else into that challenge', () => {
    expect(read('Negotiate abc')).toEqual([['negotiate', 'abc']])
    expect(read('Negotiate realm="r", abc')).toEqual([
      ['negotiate', { realm: 'r' }],
      ['abc', {}],
    ])
    expect(codes('Negotiate YWJj==, realm="r"')).toEqual(['parameter_without_scheme'])
  })

  it('takes names from outside as names, `__proto__` included', () => {
    const [read] = parseChallenges('Bearer __proto__="x",constructor="y"').challenges

    expect([...read!.params]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it('CLI-02: reads fields up to 64 KiB in all, and none of the field that goes beyond', () => {
    const filler = (length: number) => `Basic realm="${'x'.repeat(length - 14)}"`
    const fits = [filler(CHALLENGE_LIMITS.characters - 100), filler(100)]

    expect(read(fits)).toHaveLength(2)
    expect(codes(fits)).toEqual([])
    expect(read([...fits, 'Bearer'])).toHaveLength(2)
    expect(codes([...fits, 'Bearer'])).toEqual(['too_long'])
    expect(read([filler(CHALLENGE_LIMITS.characters + 1), 'Bearer'])).toEqual([])
  })

  it('CLI-02: reads at most 32 challenges and 256 parameters', () => {
    const schemes = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`).join(',')
    expect(codes(schemes(32))).toEqual([])
    expect(codes(schemes(33))).toEqual(['too_many'])
    expect(read(schemes(40))).toHaveLength(32)

    const params = (count: number) => `x ${Array.from({ length: count }, (_, index) => `p${index}=1`).join(',')}`
    expect(codes(params(256))).toEqual([])
    expect(codes(params(257))).toEqual(['too_many'])
    expect(parseChallenges(params(300)).challenges[0]!.params.size).toBe(256)
  })
})
