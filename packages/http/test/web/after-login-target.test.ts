import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterLoginTarget } from '../../src/web/after-login-target.ts'

const OWN = 'https://auth.example.com'

/** Spellings that lead, or once led some parser, away from here; and what is no path at all. */
// biome-ignore format: a table is read by column
const ELSEWHERE: readonly string[] = [
  '', ' ', '.', '..', 'profile', './profile', '../profile', '?next', '#top',
  'https://evil.test', 'https://evil.test/', 'HTTPS://EVIL.TEST', 'http:evil.test', 'https:/evil.test', 'https:evil.test', 'https:///evil.test',
  '//evil.test', '///evil.test', '////evil.test', '//evil.test/%2e%2e', '//', '///', '//auth.example.com', '//auth.example.com@evil.test',
  'https://auth.example.com', 'https://auth.example.com/profile', 'https://auth.example.com@evil.test', 'https://auth.example.com.evil.test',
  'auth.example.com', 'auth.example.com/profile', '@evil.test', ':evil.test',
  '/\\evil.test', '\\/evil.test', '\\\\evil.test', '\\evil.test', '/\\/evil.test', '/\\\\evil.test', '/profile\\..', '/a\\b',
  '/\t/evil.test', '/\n/evil.test', '/\r/evil.test', '/\r\n/evil.test', '\t//evil.test', '\n//evil.test', ' //evil.test', '/ /evil.test', '/\u0000/evil.test',
  '/\u000b/evil.test', '/\f/evil.test', '/\u0085/evil.test', '/\u00a0/evil.test', '/\u2028/evil.test', '/\u2029/evil.test', '/\u3000/evil.test', '/\ufeff/evil.test',
  '/\u200b/evil.test', '/\u202e/evil.test', '/\u2066evil.test', '/\u00ad/evil.test', '/\ud800', '/\udfff/x',
  '/.//evil.test', '/..//evil.test', '/./..//evil.test', '/a/..//evil.test', '/%2e//evil.test', '/%2E%2e//evil.test', '/a/%2e%2e//evil.test', '/.%2e//evil.test',
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:https://auth.example.com/1', 'file:///etc/passwd', 'about:blank',
  '/profile\r\nSet-Cookie: a=b', '/profile\nLocation: //evil.test', '/profile ', ' /profile', '/pro file',
  `/${'a'.repeat(2048)}`, `/?${'é'.repeat(1000)}`,
]

/** What stays, and as what. */
// biome-ignore format: a table is read by column
const OURS: readonly (readonly [asked: string, target: string])[] = [
  ['/',                           '/'],
  ['/profile',                    '/profile'],
  ['/profile?tab=secrets#new',    '/profile?tab=secrets#new'],
  ['/a/../profile',               '/profile'],
  ['/./profile',                  '/profile'],
  ['/profile//x',                 '/profile//x'],
  ['/%2f%2fevil.test',            '/%2f%2fevil.test'],
  ['/%5cevil.test',               '/%5cevil.test'],
  ['/@evil.test',                 '/@evil.test'],
  ['/?next=https://evil.test',    '/?next=https://evil.test'],
  ['/#//evil.test',               '/#//evil.test'],
  ['/:80',                        '/:80'],
  ['/é',                          '/%C3%A9'],
  ['/<script>',                   '/%3Cscript%3E'],
  [`/${'a'.repeat(2047)}`,        `/${'a'.repeat(2047)}`],
]

describe('OID-09: after login', () => {
  it.each(ELSEWHERE.map((text) => [text.length > 80 ? `${text.slice(0, 20)}...` : JSON.stringify(text), text]))(
    'goes home instead of to %s',
    (_, text) => {
      expect(afterLoginTarget(text, OWN)).toBe('/')
    },
  )

  it.each(OURS)('goes to %s', (asked, target) => {
    expect(afterLoginTarget(asked, OWN)).toBe(target)
  })

  it('goes home when nothing was asked for', () => {
    expect(afterLoginTarget(undefined, OWN)).toBe('/')
  })

  it('stays at its own origin whatever was asked for, also when it goes through here twice', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '/',
        '//',
        '\\',
        '.',
        '..',
        '%2e',
        '%2f',
        '@',
        ':',
        '?',
        '#',
        '\t',
        '\n',
        'evil.test',
        'https:',
        '[::1]',
        'é',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const target = afterLoginTarget(pieces.join(''), OWN)
        expect(new URL(target, OWN).origin).toBe(OWN)
        expect(target).toMatch(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/)
        expect(afterLoginTarget(target, OWN)).toBe(target)
      }),
      { numRuns: 1000 },
    )
  })

  it('has at least sixty spellings in its table', () => {
    expect(new Set(ELSEWHERE).size).toBeGreaterThanOrEqual(60)
  })
})
