import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBasic } from '../src/basic.ts'

describe('formatBasic', () => {
  it('prints the example of RFC 7617', () => {
    expect(formatBasic('Aladdin', 'open sesame')).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
    expect(formatBasic('test', '123\u00a3')).toBe('Basic dGVzdDoxMjPCow==')
  })

  it('LOG-05: carries any name and password that it takes, byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, password) => {
        fc.pre(!name.includes(':'))
        const decoded = Buffer.from(formatBasic(name, password).slice('Basic '.length), 'base64').toString('utf8')

        expect(decoded).toBe(`${name}:${password}`)
      }),
    )
  })

  it('takes an empty name, and colons in the password', () => {
    expect(formatBasic('', 'a:b')).toBe(`Basic ${Buffer.from(':a:b').toString('base64')}`)
  })

  it.each([
    ['a colon in the name', 'ro:bot', 'secret-1'],
    ['a line break in the name', 'ro\r\nbot', 'secret-1'],
    ['a control character in the password', 'robot', 'secret-1\0'],
    ['DEL', 'robot', 'secret-1\x7f'],
    ['half a surrogate pair', 'robot', 'secret-1\ud83d'],
    ['two halves that only meet at the colon', 'robot\ud83d', '\ude00secret-1'],
  ])('refuses %s without repeating the secret', (_, name, password) => {
    expect(() => formatBasic(name, password)).toThrow(
      expect.toSatisfy((error) => error instanceof TypeError && !error.message.includes('secret-1')),
    )
  })
})
