import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { escapeDnValue, isAtOrBelow, normaliseDn, parseDn } from '../src/dn.ts'

describe('distinguished names', () => {
  it.each([
    ['letter case', 'CN=Team,OU=Groups,DC=Example', 'cn=team,ou=groups,dc=example'],
    ['blanks around signs', 'cn = team , ou = groups', 'cn=team,ou=groups'],
    ['runs of blanks inside a value', 'cn=the   team', 'cn=the team'],
    ['escaped blanks at the ends', 'cn=\\ team\\20', 'cn=team'],
    ['escapes of one character', 'cn=a\\,b', 'cn=a\\2Cb'],
    ['escapes that need none', 'cn=\\74eam', 'cn=team'],
    ['bytes of one letter', 'cn=\\C3\\A9', 'cn=é'],
    ['composed and decomposed letters', 'cn=e\u0301', 'cn=\u00e9'],
    ['soft hyphens', 'cn=te\u00adam', 'cn=team'],
    ['other names of an attribute', '2.5.4.3=team,0.9.2342.19200300.100.1.25=example', 'cn=team,dc=example'],
    ['the order within one part', 'cn=a+uid=b,dc=x', 'uid=b+cn=a,dc=x'],
  ])('are one in spite of %s', (_, one, other) => {
    expect(normaliseDn(one)).toBeDefined()
    expect(normaliseDn(one)).toBe(normaliseDn(other))
  })

  it.each([
    ['a comma in a value', 'cn=a\\,b,dc=x', 'cn=a,dc=b,dc=x'],
    ['a plus in a value', 'cn=a\\+uid=b', 'cn=a+uid=b'],
    ['another attribute', 'cn=a', 'ou=a'],
    ['another order of parts', 'cn=a,dc=b', 'dc=b,cn=a'],
    ['blanks against none', 'cn=a b', 'cn=ab'],
    ['letters with accents', 'cn=jose', 'cn=josé'],
  ])('differ by %s', (_, one, other) => {
    expect(normaliseDn(one)).toBeDefined()
    expect(normaliseDn(one)).not.toBe(normaliseDn(other))
  })

  it.each([
    'cn',
    '=a',
    'cn=a,',
    ',cn=a',
    'cn=a+',
    'cn="a"',
    'cn=a;dc=b',
    'cn=a<b',
    'cn=a\0',
    'cn=\\',
    'cn=\\4',
    'cn=\\zz',
    'cn=#4',
    'cn=#zz',
    'cn=\\FF',
    'c n=a',
    'cn=\ud800',
  ])('are not made of %j', (text) => {
    expect(parseDn(text)).toBeUndefined()
  })

  it('keep the value of the entry itself as it is written', () => {
    expect(parseDn('cn=Smith\\, Jane\\20,dc=example')?.leafValue).toBe('Smith, Jane ')
    expect(parseDn('cn=Jane  ,dc=example')?.leafValue).toBe('Jane')
  })

  it('of the root have no parts', () => {
    expect(parseDn('')).toEqual({ rdns: [], leafValue: '' })
  })

  it('are below another only by whole parts', () => {
    const below = (dn: string, base: string) => isAtOrBelow(parseDn(dn)!, parseDn(base)!)
    expect(below('cn=a,OU=Groups,dc=x', 'ou=groups, dc=x')).toBe(true)
    expect(below('ou=groups,dc=x', 'ou=groups,dc=x')).toBe(true)
    expect(below('cn=a,dc=x', '')).toBe(true)
    expect(below('cn=a,ou=mygroups,dc=x', 'ou=groups,dc=x')).toBe(false)
    expect(below('cn=ou\\=groups\\,dc\\=x', 'ou=groups,dc=x')).toBe(false)
    expect(below('dc=x', 'ou=groups,dc=x')).toBe(false)
    expect(below('cn=a,dc=x', 'c=x')).toBe(false)
  })
})

const text = fc
  .oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...',+"\\<>;=# \0\n\taé') }))
  .filter((one) => one.isWellFormed())

describe('distinguished names, whatever they are made of', () => {
  it('LDP-03: an escaped value is one value and nothing else', () => {
    fc.assert(
      fc.property(text, (value) => {
        const parsed = parseDn(`uid=${escapeDnValue(value)},dc=example`)
        expect(parsed?.rdns.length).toBe(2)
        expect(parsed?.leafValue).toBe(value)
        expect(parsed?.rdns[1]).toBe('dc=example')
      }),
    )
  })

  it('have a normal form that is its own normal form', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (values) => {
        const normal = normaliseDn(values.map((value) => `cn=${escapeDnValue(value)}`).join(','))
        expect(normal).toBeDefined()
        expect(normaliseDn(normal ?? '')).toBe(normal)
      }),
    )
  })

  it('are read or refused, never thrown at', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'cn=a,+\\ #41\0";') }), (dn) => void parseDn(dn)))
  })

  it('JSX-03: are read in linear time', async () => {
    const read = () => {
      for (const piece of [' ', 'cn=', '\\20', 'cn=a,', 'a ', '\\']) parseDn(`cn=${piece.repeat(100_000)}`)
      for (const piece of [' ', '\\20', 'a ']) parseDn(`cn=${piece.repeat(2_000)}x`)
    }
    expect(await cpuMs(read)).toBeLessThan(50)
  })
})
