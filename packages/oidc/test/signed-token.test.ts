import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { parseSignedToken } from '../src/tokens/signed-token.ts'

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')
const token = (header: string | Uint8Array, claims: string | Uint8Array = '{}', signature = 'AAAA') =>
  [encode(header), encode(claims), signature].join('.')
const MALFORMED = { refused: 'token_malformed' }

describe('VER-05: a token is taken apart strictly', () => {
  it('into header and claims', () => {
    expect(parseSignedToken(token('{"alg":"RS256"}', '{"a":{"b":[1,"x:{\\"]}"]},"c":"\\u0061"}'))).toMatchObject({
      value: { header: { alg: 'RS256' }, claims: { a: { b: [1, 'x:{"]}'] }, c: 'a' } },
    })
  })

  it.each([
    ['a member twice', token('{"alg":"none","alg":"RS256"}')],
    ['a member twice, once escaped', token('{"alg":"none","\\u0061lg":"RS256"}')],
    ['a claim twice', token('{}', '{"sub":"a","sub":"b"}')],
    ['a member twice further in', token('{}', '{"a":[{"b":1,"b":2}]}')],
    ['a depth of nine', token('{}', `${'{"a":'.repeat(8)}{}${'}'.repeat(8)}`)],
    ['claims that are a list', token('{}', '[]')],
    ['claims that are null', token('{}', 'null')],
    ['bytes that are not UTF-8', token('{}', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    ['a byte order mark', token('\ufeff{}')],
    ['no signature', token('{}', '{}', '')],
    ['padding', `${encode('{"a":1}')}=.e30.AAAA`],
    ['spare bits', 'e31.e30.AAAA'],
    ['blanks', 'e30 .e30.AAAA'],
    ['other letters', 'e30.e30.AA+A'],
    ['two parts', 'e30.e30'],
    ['four parts', 'e30.e30.AAAA.AAAA'],
    ['five parts, as encrypted ones have', 'e30.e30.AAAA.AAAA.AAAA'],
    ['more than 16 KiB', token('{}', JSON.stringify({ a: 'x'.repeat(16 * 1024) }))],
  ])('with %s it is malformed', (_what, compact) => {
    expect(parseSignedToken(compact)).toEqual(MALFORMED)
  })

  it('counts a megabyte of dots in no time', async () => {
    const dots = '.'.repeat(2 ** 20)
    expect(parseSignedToken(dots)).toEqual(MALFORMED)
    expect(await cpuMs(() => parseSignedToken(dots))).toBeLessThan(5)
  })

  it('JSX-04: never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void parseSignedToken(text)))
    fc.assert(
      fc.property(fc.string(), fc.json(), fc.string(), (header, claims, signature) => {
        parseSignedToken(token(header, claims, signature))
      }),
    )
  })

  it('agrees with the plain parser on every object without repeated members', () => {
    const shallow = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())))
    fc.assert(
      fc.property(shallow, (claims) => {
        const json = JSON.stringify(claims)
        expect(parseSignedToken(token('{}', json))).toMatchObject({ value: { claims: JSON.parse(json) } })
      }),
    )
  })
})
