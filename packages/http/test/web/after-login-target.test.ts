import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterLoginTarget } from '../../src/web/after-login-target.ts'
import { ELSEWHERE } from './hostile-targets.ts'

const OWN = 'https://auth.example.com'

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
