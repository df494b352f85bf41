import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBearerChallenge, formatChallenge } from '../src/challenge.ts'

const realm = 'https://auth.example.com/service/token'

describe('formatBearerChallenge', () => {
  it('prints realm, service, scope and error in this order, quoted, without spaces', () => {
    expect(
      formatBearerChallenge({
        error: 'insufficient_scope',
        scope: 'repository:a/b:pull,push repository:c/d:pull',
        service: 'registry',
        realm,
      }),
    ).toBe(
      'Bearer realm="https://auth.example.com/service/token",service="registry",' +
        'scope="repository:a/b:pull,push repository:c/d:pull",error="insufficient_scope"',
    )
  })

  it('leaves empty parameters out, because some clients stop reading at them', () => {
    expect(formatBearerChallenge({ realm, service: '', scope: '' })).toBe(`Bearer realm="${realm}"`)
  })

  it('escapes quotation marks and backslashes', () => {
    expect(formatBearerChallenge({ realm, service: 'a"b\\c' })).toBe(`Bearer realm="${realm}",service="a\\"b\\\\c"`)
  })

  it.each(['/token', 't.ex/token', 'https:t.ex', 'https://', 'ftp://t.ex/', 'https://t.ex/a b', ' https://t.ex/', ''])(
    'refuses the realm "%s", which no client can use',
    (unusable) => {
      expect(() => formatBearerChallenge({ realm: unusable, service: 's' })).toThrow(TypeError)
    },
  )

  it.each(['a\r\nSet-Cookie: x', 'a\0', 'a\tb', '\x7f', 'caf\u00e9', '\u2028'])(
    'TOK-03: refuses %j in every parameter, as it would break or corrupt the header',
    (text) => {
      expect(() => formatBearerChallenge({ realm: `https://t.ex/${text}`, service: 's' })).toThrow(TypeError)
      expect(() => formatBearerChallenge({ realm, service: text })).toThrow('"service"')
      expect(() => formatBearerChallenge({ realm, service: 's', scope: text })).toThrow('"scope"')
    },
  )

  it('TOK-03: prints one line of printable ASCII or throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (service, scope) => {
        try {
          expect(formatBearerChallenge({ realm, service, scope })).toMatch(/^[\x20-\x7e]+$/)
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
        }
      }),
    )
  })
})

describe('formatChallenge', () => {
  it('prints a challenge of any scheme, its parameters in the order given', () => {
    const params = new Map([
      ['realm', 'Registry Realm'],
      ['charset', 'UTF-8'],
    ])

    expect(formatChallenge({ scheme: 'Basic', params })).toBe('Basic realm="Registry Realm",charset="UTF-8"')
    expect(formatChallenge({ scheme: 'Negotiate', params: new Map() })).toBe('Negotiate')
    expect(formatChallenge({ scheme: 'Negotiate', params: new Map(), token68: 'YWJj==' })).toBe('Negotiate YWJj==')
  })

  it('refuses what is no challenge', () => {
    const one = new Map([['realm', 'r']])

    expect(() => formatChallenge({ scheme: '', params: one })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme: 'Ba sic', params: one })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme: 'Basic', params: new Map([['re=alm', 'r']]) })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme: 'Basic', params: one, token68: 'abc' })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme: 'Basic', params: new Map(), token68: 'a b' })).toThrow(TypeError)
  })
})
