import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBasic } from '../src/index.ts'

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
const basic = (text: string | Uint8Array) => `Basic ${base64(text)}`

describe('LOG-06: Basic credentials that are read', () => {
  it.each([
    ['a name and a password', basic('jane:right'), 'jane', 'right'],
    ['a lower-case scheme', `basic ${base64('jane:right')}`, 'jane', 'right'],
    ['an upper-case scheme', `BASIC ${base64('jane:right')}`, 'jane', 'right'],
    ['colons in the password', basic('jane:a:b:'), 'jane', 'a:b:'],
    ['an empty password', basic('jane:'), 'jane', ''],
    ['an empty name', basic(':right'), '', 'right'],
    ['UTF-8', basic('josé:pässwörd😀'), 'josé', 'pässwörd😀'],
    ['spaces, as they are', basic(' jane : right '), ' jane ', ' right '],
    ['a byte order mark, as it is', basic('\ufeffjane:right'), '\ufeffjane', 'right'],
  ])('%s', (_what, value, username, password) => {
    expect(parseBasic(value)).toEqual({ username, password })
  })

  it('reads back whatever a client can send', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((value) => !/[\u0000-\u001f\u007f]/.test(value))
    fc.assert(
      fc.property(
        text.filter((name) => !name.includes(':')),
        text,
        (username, password) => {
          expect(parseBasic(basic(`${username}:${password}`))).toEqual({ username, password })
        },
      ),
    )
  })
})

describe('LOG-06: Basic credentials that are refused', () => {
  it.each([
    ['nothing', ''],
    ['a scheme alone', 'Basic'],
    ['a scheme and a space', 'Basic '],
    ['another scheme', `Bearer ${base64('jane:right')}`],
    ['a scheme that only begins so', `Basics ${base64('jane:right')}`],
    ['two spaces', `Basic  ${base64('jane:right')}`],
    ['a tab', `Basic\t${base64('jane:right')}`],
    ['a leading space', ` ${basic('jane:right')}`],
    ['a trailing space', `${basic('jane:right')} `],
    ['a trailing newline', `${basic('jane:right')}\n`],
    ['no colon', basic('jane')],
    ['missing padding', basic('jane:right').replace('==', '')],
    ['padding too little', basic('jane:right').slice(0, -1)],
    ['padding too much', `${basic('jane:right')}=`],
    ['spare bits', 'Basic amFuZTpyaWdodB=='],
    ['junk after the padding', `${basic('jane:right')}junk`],
    ['junk inside', basic('jane:right').replace('a', '*')],
    ['the URL alphabet', `Basic ${Buffer.from('jane:right>>>???').toString('base64url')}`],
    ['a second value', `${basic('jane:right')}, ${basic('john:right')}`],
    ['bytes that are no UTF-8', basic(Uint8Array.of(0x6a, 0x3a, 0xff))],
    ['an overlong encoding', basic(Uint8Array.of(0x6a, 0x3a, 0xc0, 0xaf))],
    ['an encoded surrogate', basic(Uint8Array.of(0x6a, 0x3a, 0xed, 0xa0, 0x80))],
    ['NUL in the name', basic('ja\0ne:right')],
    ['a newline in the password', basic('jane:right\n')],
    ['delete', basic('jane:right\x7f')],
    ['more than 4096 characters', basic(`jane:${'x'.repeat(4096)}`)],
  ])('%s', (_what, value) => {
    expect(parseBasic(value)).toBeUndefined()
  })

  it('never throws, and reads a text in one way only', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.base64String().map((text) => `Basic ${text}`),
        ),
        (value) => {
          const read = parseBasic(value)
          if (read) expect(basic(`${read.username}:${read.password}`).slice(6)).toBe(value.slice(6))
        },
      ),
      { numRuns: 2000 },
    )
  })
})
