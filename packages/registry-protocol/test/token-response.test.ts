import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTokenResponse, parseTokenResponse, type TokenResponse } from '../src/token-response.ts'

const RESPONSE: TokenResponse = {
  token: 'head.claims.signature',
  expiresInSeconds: 300,
  issuedAt: new Date('2026-11-21T17:06:07.999Z'),
  scope: 'repository:a/b:pull',
}

const body = (members: Record<string, unknown>) => JSON.stringify({ token: 't', access_token: 't', ...members })
const warnings = (text: string) => {
  const result = parseTokenResponse(text)
  return result.outcome === 'token' ? result.warnings : result.problem
}
const response = (text: string) => {
  const result = parseTokenResponse(text)
  return result.outcome === 'token' ? result.response : result.problem
}

describe('formatTokenResponse', () => {
  it('TOK-03: prints the token under both names, whole seconds, and the time in UTC', () => {
    expect(JSON.parse(formatTokenResponse(RESPONSE))).toEqual({
      token: 'head.claims.signature',
      access_token: 'head.claims.signature',
      token_type: 'Bearer',
      expires_in: 300,
      issued_at: '2026-11-21T17:06:07Z',
      scope: 'repository:a/b:pull',
    })
  })

  it('prints a refresh token only if there is one, and an empty scope as granting nothing', () => {
    expect(JSON.parse(formatTokenResponse({ ...RESPONSE, scope: '', refreshToken: 'r' }))).toMatchObject({
      scope: '',
      refresh_token: 'r',
    })
    expect(formatTokenResponse(RESPONSE)).not.toContain('refresh_token')
  })

  it.each([59, 0, -1, 300.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'TOK-03: refuses %d as the number of seconds',
    (expiresInSeconds) => {
      expect(() => formatTokenResponse({ ...RESPONSE, expiresInSeconds })).toThrow('expiresInSeconds')
    },
  )

  it('refuses a token that no header can carry, without repeating it', () => {
    for (const secret of ['', 'hush hush', 'hush\r\nX: y', 'h\u00fcsh']) {
      for (const broken of [{ token: secret }, { refreshToken: secret }]) {
        expect(() => formatTokenResponse({ ...RESPONSE, ...broken })).toThrow(
          expect.toSatisfy((error) => error instanceof TypeError && !error.message.includes('hush')),
        )
      }
    }
  })

  it('refuses an instant that RFC 3339 cannot write', () => {
    expect(() => formatTokenResponse({ ...RESPONSE, issuedAt: new Date(Number.NaN) })).toThrow(TypeError)
    expect(() => formatTokenResponse({ ...RESPONSE, issuedAt: new Date('+010000-01-01T00:00:00Z') })).toThrow(TypeError)
  })
})

describe('parseTokenResponse', () => {
  it('reads back whatever the printer printed', () => {
    const text = fc.stringMatching(/^[\x21-\x7e]{1,40}$/)
    const printable = fc.record(
      {
        token: text,
        expiresInSeconds: fc.integer({ min: 60, max: 2 ** 31 - 1 }),
        issuedAt: fc
          .integer({ min: Date.UTC(1, 0) / 1000, max: Date.UTC(9999, 11) / 1000 })
          .map((seconds) => new Date(seconds * 1000)),
        scope: fc.string(),
        refreshToken: text,
      },
      { requiredKeys: ['token', 'expiresInSeconds'] },
    )
    fc.assert(
      fc.property(printable, (printed) => {
        const result = parseTokenResponse(formatTokenResponse(printed))

        expect(result).toEqual({ outcome: 'token', response: { ...printed }, warnings: [] })
      }),
    )
  })

  it('never throws, whatever the bytes or the JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (anything) => {
        expect(['token', 'failed']).toContain(parseTokenResponse(anything).outcome)
      }),
    )
    const names = fc.constantFrom('token', 'access_token', 'expires_in', 'issued_at', 'scope', 'refresh_token')
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constant('t'))), (members) => {
        expect(['token', 'failed']).toContain(parseTokenResponse(JSON.stringify(members)).outcome)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['no token field', '{"expires_in":300}', 'no_token'],
    ['empty tokens', '{"token":"","access_token":""}', 'no_token'],
    ['a token that is not a string', '{"token":7}', 'no_token'],
    ['a token below `__proto__` only', '{"__proto__":{"token":"t"}}', 'no_token'],
    ['a token with a line break', '{"token":"a\\r\\nX: y"}', 'bad_token'],
    ['a web page', '  <!doctype html><title>Log in</title>', 'html'],
    ['an empty body', '', 'empty'],
    ['white space', ' \r\n', 'empty'],
    ['plain text', 'no', 'not_json'],
    ['JSON that was cut off', '{"token":"t"', 'not_json'],
    ['a JSON array', '[{"token":"t"}]', 'not_object'],
    ['JSON null', 'null', 'not_object'],
  ])('finds no token in %s', (_, text, problem) => {
    expect(parseTokenResponse(text)).toEqual({ outcome: 'failed', problem })
  })

  it('JSX-01: reads no token from a polluted prototype', () => {
    const prototype: Record<string, unknown> = Object.prototype as never
    prototype.token = 'polluted'
    try {
      expect(parseTokenResponse('{}')).toEqual({ outcome: 'failed', problem: 'no_token' })
    } finally {
      delete prototype.token
    }
  })

  it('tells bytes that are not UTF-8', () => {
    expect(parseTokenResponse(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual({ outcome: 'failed', problem: 'not_utf8' })
  })

  it('reads bytes with a byte order mark, and warns', () => {
    const bytes = new TextEncoder().encode(`\uFEFF${body({})}`)

    expect(parseTokenResponse(bytes)).toMatchObject({ outcome: 'token', warnings: ['byte_order_mark'] })
    expect(warnings(`\uFEFF${body({})}`)).toEqual(['byte_order_mark'])
  })

  it('CLI-03: reads 64 KiB and not one byte more', () => {
    const sized = (bytes: number) => body({ pad: 'x'.repeat(bytes - body({ pad: '' }).length) })

    expect(warnings(sized(65_536))).toEqual([])
    expect(warnings(sized(65_537))).toBe('too_large')
    expect(parseTokenResponse(new TextEncoder().encode(sized(65_537)))).toMatchObject({ problem: 'too_large' })
    expect(warnings(body({ pad: '\u20ac'.repeat(22_000) }))).toBe('too_large')
    expect(parseTokenResponse(body({}), { maxBytes: 10 })).toEqual({ outcome: 'failed', problem: 'too_large' })
  })

  it('prefers access_token, and warns about what only some clients can use', () => {
    expect(response('{"token":"a","access_token":"b"}')).toMatchObject({ token: 'b' })
    expect(warnings('{"token":"a","access_token":"b"}')).toEqual(['tokens_differ'])
    expect(warnings('{"token":"a"}')).toEqual(['token_only'])
    expect(warnings('{"access_token":"a","token":""}')).toEqual(['access_token_only'])
  })

  it.each([
    ['absent', {}, 60, []],
    ['null', { expires_in: null }, 60, []],
    ['300', { expires_in: 300 }, 300, []],
    ['a string', { expires_in: '300' }, 60, ['bad_expires_in']],
    ['a fraction', { expires_in: 299.5 }, 60, ['bad_expires_in']],
    ['30', { expires_in: 30 }, 30, ['short_expires_in']],
    ['0', { expires_in: 0 }, 60, ['short_expires_in']],
    ['-5', { expires_in: -5 }, 60, ['short_expires_in']],
    ['1e15', { expires_in: 1e15 }, 2 ** 31 - 1, []],
  ])('reads an expires_in that is %s', (_, members, seconds, expected) => {
    expect(response(body(members))).toMatchObject({ expiresInSeconds: seconds })
    expect(warnings(body(members))).toEqual(expected)
  })

  it('counts an expires_in of 1e999 as unreadable', () => {
    expect(warnings('{"token":"t","access_token":"t","expires_in":1e999}')).toEqual(['bad_expires_in'])
  })

  it.each(['2026-11-21T17:06:07Z', '2026-11-21T18:06:07.123456789+01:00', '2024-02-29T00:00:00Z'])(
    'reads issued_at %s',
    (issuedAt) => {
      expect(response(body({ issued_at: issuedAt }))).toMatchObject({ issuedAt: new Date(issuedAt) })
      expect(warnings(body({ issued_at: issuedAt }))).toEqual([])
    },
  )

  it.each([
    1_763_744_767,
    '',
    '2026-11-21T17:06:07',
    '2026-1-21T17:06:07Z',
    '2026-02-30T00:00:00Z',
    '2026-11-21T25:00:00Z',
    'now',
    {},
  ])('leaves issued_at %j out and warns', (issuedAt) => {
    expect(response(body({ issued_at: issuedAt }))).not.toHaveProperty('issuedAt')
    expect(warnings(body({ issued_at: issuedAt }))).toEqual(['bad_issued_at'])
  })

  it('takes scope and refresh_token only as strings, and a refresh token only if it can be sent', () => {
    expect(response(body({ scope: 'a:b:c', refresh_token: 'r' }))).toMatchObject({ scope: 'a:b:c', refreshToken: 'r' })
    expect(response(body({ scope: ['a'], refresh_token: 7 }))).toEqual({ token: 't', expiresInSeconds: 60 })
    expect(response(body({ refresh_token: 'a b' }))).toEqual({ token: 't', expiresInSeconds: 60 })
  })
})
