import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPresented } from '../src/presented.ts'
import { basic } from './house.ts'

const read = (authorization?: string | readonly string[], cookie?: string) => {
  const headers = new Headers()
  for (const value of [authorization ?? []].flat()) headers.append('Authorization', value)
  if (cookie !== undefined) headers.append('Cookie', cookie)
  return readPresented(headers, { sessionCookie: 'sid' })
}

describe('what a request presents', () => {
  it('is nothing without header, form and cookie', () => {
    expect(read()).toEqual({ kind: 'none' })
  })

  it('LOG-06: reads the Basic scheme in any case, and splits at the first colon', () => {
    const encoded = basic('jane', 'a:b').slice('Basic '.length)
    for (const scheme of ['Basic', 'basic', 'BASIC']) {
      expect(read(`${scheme} ${encoded}`)).toEqual({ kind: 'password', username: 'jane', password: 'a:b' })
    }
  })

  it.each([
    ['junk after the padding', 'Basic amFuZTpw=='],
    ['no colon', `Basic ${Buffer.from('jane').toString('base64')}`],
    ['two blanks', 'Basic  amFuZTpw'],
    ['a tab', 'Basic\tamFuZTpw'],
    ['base64url', `Basic ${Buffer.from('jane:\u{fffff}').toString('base64url')}`],
    ['spare bits in the last character', 'Basic amFuZTpwdx=='],
    ['no padding', 'Basic amFuZTpwdw'],
    ['bytes that are not UTF-8', `Basic ${Buffer.from([0x6a, 0x3a, 0xff]).toString('base64')}`],
    ['a control character', `Basic ${Buffer.from('jane:p\0w').toString('base64')}`],
    ['nothing behind the scheme', 'Basic'],
    ['an empty value', ''],
    ['another scheme', 'Negotiate YWJj'],
    ['a Bearer with two words', 'Bearer a b'],
    ['a Bearer that is too long', `Bearer ${'a'.repeat(13 * 1024)}`],
    ['a secret in the wrong case', 'harbor-secret abc'],
    ['an empty secret', 'Harbor-Secret '],
  ])('LOG-06: takes %s for something wrong, never for nothing', (_, value) => {
    expect(read(value)).toEqual({ kind: 'unusable' })
  })

  it('reads Bearer tokens and shared secrets', () => {
    expect(read('bearer a.b.c')).toEqual({ kind: 'bearer', token: 'a.b.c' })
    expect(read('Harbor-Secret s3cret')).toEqual({ kind: 'secret', secret: 's3cret' })
  })

  it.each([
    [['Basic amFuZTpw', 'Basic amFuZTpw']],
    [['Basic amFuZTpw', 'Bearer abc']],
    [['Bearer abc', '']],
    [['', '']],
  ])('LOG-06: refuses two Authorization fields with 400: %j', (values) => {
    expect(() => read(values)).toThrow(expect.objectContaining({ status: 400, reason: 'two_authorizations' }))
  })

  it('CHN-01: refuses credentials in the body beside an Authorization header with 400', () => {
    const headers = new Headers({ authorization: 'Bearer abc' })
    const form = { username: 'jane', password: 'x' }
    expect(() => readPresented(headers, { form })).toThrow(expect.objectContaining({ status: 400 }))
    expect(readPresented(new Headers(), { form })).toEqual({ kind: 'password', ...form })
  })

  it('CHN-01: does not look at the cookie beside an Authorization header, nor beside a form', () => {
    expect(read('Negotiate YWJj', 'sid=abc')).toEqual({ kind: 'unusable' })
    const form = { username: 'jane', password: 'x' }
    expect(readPresented(new Headers({ cookie: 'sid=abc' }), { form, sessionCookie: 'sid' }).kind).toBe('password')
  })

  it('finds the session cookie by its exact name, and refuses two of them', () => {
    expect(read(undefined, 'a=1; sid=abc; sidx=2; Sid=3')).toEqual({ kind: 'cookie', value: 'abc' })
    expect(read(undefined, 'xsid=abc')).toEqual({ kind: 'none' })
    expect(read(undefined, 'sid=abc; sid=def')).toEqual({ kind: 'unusable' })
    expect(read(undefined, 'sid=')).toEqual({ kind: 'unusable' })
    expect(readPresented(new Headers({ cookie: 'sid=abc' }))).toEqual({ kind: 'none' })
  })

  it('gives back every name and password that Basic can carry', () => {
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text))
    fc.assert(
      fc.property(
        word.filter((text) => !text.includes(':')),
        word,
        (username, password) => {
          expect(read(basic(username, password))).toEqual({ kind: 'password', username, password })
        },
      ),
    )
  })

  it('never takes a header that is there for nothing, and never lets anything but a 400 out', () => {
    const value = fc.string().filter((text) => {
      try {
        return new Headers({ authorization: text }).get('authorization') !== null
      } catch {
        return false
      }
    })
    fc.assert(
      fc.property(value, (text) => {
        if (text.includes(',')) expect(() => read(text)).toThrow(expect.objectContaining({ status: 400 }))
        else expect(read(text).kind).not.toBe('none')
      }),
    )
  })
})
