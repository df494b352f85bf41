import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Parameters } from '../src/parameters.ts'

const badRequest = (reason: string) => expect.objectContaining({ status: 400, reason })

describe('Parameters', () => {
  it('reads values in order, plus signs as blanks, and a name without a value as empty', () => {
    const parameters = Parameters.parse('scope=a+b&scope=c%20d&&empty&x=1=2')
    expect(parameters.all('scope')).toEqual(['a b', 'c d'])
    expect(parameters.one('empty')).toBe('')
    expect(parameters.one('x')).toBe('1=2')
    expect(parameters.one('absent')).toBeUndefined()
    expect(parameters.has('absent')).toBe(false)
  })

  it('TOK-02: refuses a second value where one is asked for, an equal one too', () => {
    expect(() => Parameters.parse('service=a&service=a').one('service')).toThrow(badRequest('repeated_parameter'))
  })

  it.each(['a=%', 'a=%zz', '%=a', 'a=%ff', 'a=%c3%28', 'a=%ed%a0%80'])('LOG-05: refuses the bad escape %s', (text) => {
    expect(() => Parameters.parse(text)).toThrow(badRequest('bad_escape'))
  })

  it.each(['__proto__=x', 'constructor=x', 'prototype=x', '%5F_proto__=x', '__proto__'])(
    'JSX-01: refuses %s',
    (text) => {
      expect(() => Parameters.parse(text)).toThrow(badRequest('refused_parameter'))
    },
  )

  it('reads 256 parameters and refuses one more', () => {
    expect(Parameters.parse(`${'a=1&'.repeat(255)}a=1`).all('a')).toHaveLength(256)
    expect(() => Parameters.parse('a=1&'.repeat(257))).toThrow(badRequest('too_many_parameters'))
    expect(() => Parameters.parse('&'.repeat(100_000))).not.toThrow()
  })

  it('reads back what URLSearchParams prints', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text))
    const value = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (pairs) => {
        const parameters = Parameters.parse(new URLSearchParams(pairs).toString())
        for (const [key] of pairs) {
          expect(parameters.all(key)).toEqual(pairs.filter(([other]) => other === key).map(([, text]) => text))
        }
      }),
    )
  })
})
