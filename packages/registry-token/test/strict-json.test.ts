import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonValue, parseStrictJson } from '../src/verify/strict-json.ts'

const read = (text: string) => parseStrictJson(Buffer.from(text))

/** As `JSON.parse` would have given it. */
function plain(value: JsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([name, member]) => [name, plain(member)]))
  return Array.isArray(value) ? value.map(plain) : value
}

describe('parseStrictJson', () => {
  it('reads what JSON.stringify writes', () => {
    const integers = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 6 },
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 4 }),
      ),
    })).value
    fc.assert(
      fc.property(integers, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        const refused = /"(?:__proto__|constructor|prototype)":/.test(text)
        const result = read(text)
        if (refused) expect(result).toMatchObject({ outcome: 'rejected' })
        else expect(result.outcome === 'parsed' && plain(result.value)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('takes nothing that JSON.parse refuses, and never throws', () => {
    const noise = fc.stringMatching(/^[[\]{}",:0-9.eE+\-truefalsn\\ \n]{0,24}$/)
    fc.assert(
      fc.property(noise, (text) => {
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        if (read(text).outcome === 'parsed') expect(isJson).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['', 'malformed'],
    [' ', 'malformed'],
    ['{', 'malformed'],
    ['{"a":1,}', 'malformed'],
    ['[1,]', 'malformed'],
    ['{"a" 1}', 'malformed'],
    ['{a:1}', 'malformed'],
    ["{'a':1}", 'malformed'],
    ['{"a":1}{"b":2}', 'malformed'],
    ['{"a":1}\u0000', 'malformed'],
    ['{"a":01}', 'malformed'],
    ['{"a":+1}', 'malformed'],
    ['{"a":1e}', 'malformed'],
    ['{"a":NaN}', 'malformed'],
    ['{"a":Infinity}', 'malformed'],
    ['{"a":"\u0001"}', 'malformed'],
    ['{"a":"\\x41"}', 'malformed'],
    ['{"a":"\\ud800"}', 'malformed'],
    ['{"a":/* */1}', 'malformed'],
    ['\ufeff{"a":1}', 'malformed'],
    ['{"__proto__":1}', 'malformed'],
    ['{"a":{"constructor":1}}', 'malformed'],
    ['[{"prototype":1}]', 'malformed'],
    ['{"a":1,"a":1}', 'duplicate_member'],
    ['{"a":1,"\\u0061":2}', 'duplicate_member'],
    ['{"b":[{"a":1,"c":2,"a":3}]}', 'duplicate_member'],
    ['[[[[[[[[[1]]]]]]]]]', 'too_deep'],
  ])('rejects %j as %s', (text, problem) => {
    expect(read(text)).toEqual({ outcome: 'rejected', problem })
  })

  it('takes eight levels', () => {
    expect(read('[[[[[[[[1]]]]]]]]').outcome).toBe('parsed')
  })

  it.each([
    [Buffer.from([0x22, 0xff, 0x22]), 'bytes that are not UTF-8'],
    [Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'an overlong spelling'],
    [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'half a surrogate pair'],
    [Buffer.from('{"a":1}', 'utf16le'), 'another encoding'],
  ])('rejects %j: %s', (bytes) => {
    expect(parseStrictJson(bytes)).toEqual({ outcome: 'rejected', problem: 'malformed' })
  })

  it.each(['1.0', '1.5', '3e9', '1E0', '1e999', '-0.0'])(
    'reads %s as no number, since it is not written as an integer',
    (text) => {
      expect(read(text)).toEqual({ outcome: 'parsed', value: Number.NaN })
    },
  )

  it('tells names apart that differ in case', () => {
    expect(read('{"aud":1,"AUD":2}').outcome).toBe('parsed')
  })
})
