import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatErrorBody, formatRegistryErrorBody, parseErrorBody } from '../src/error-body.ts'
import { ERROR_CODES, type ErrorCode } from '../src/error-code.ts'

const CODES = Object.keys(ERROR_CODES) as ErrorCode[]

describe('ERROR_CODES', () => {
  it('gives each code the status that registries give it', () => {
    expect(Object.fromEntries(CODES.map((code) => [code, ERROR_CODES[code].status]))).toEqual({
      UNAUTHORIZED: 401,
      DENIED: 403,
      UNKNOWN: 500,
      UNSUPPORTED: 405,
      TOOMANYREQUESTS: 429,
      UNAVAILABLE: 503,
      NAME_UNKNOWN: 404,
      NAME_INVALID: 400,
      MANIFEST_UNKNOWN: 404,
      BLOB_UNKNOWN: 404,
      PAGINATION_NUMBER_INVALID: 400,
    })
  })
})

describe('formatErrorBody', () => {
  it('TOK-03: prints the shape of registry clients and the shape of OAuth clients in one object', () => {
    expect(formatErrorBody({ code: 'UNAUTHORIZED' })).toBe(
      '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}],' +
        '"error":"invalid_grant","error_description":"authentication required"}',
    )
    expect(JSON.parse(formatErrorBody({ code: 'UNAVAILABLE' }))).toMatchObject({
      errors: [{ code: 'UNAVAILABLE' }],
      error: 'temporarily_unavailable',
    })
  })

  it('takes another message and another OAuth word', () => {
    expect(
      JSON.parse(
        formatErrorBody({ code: 'UNSUPPORTED', message: 'no such grant', oauthError: 'unsupported_grant_type' }),
      ),
    ).toEqual({
      errors: [{ code: 'UNSUPPORTED', message: 'no such grant', detail: null }],
      error: 'unsupported_grant_type',
      error_description: 'no such grant',
    })
  })

  it('TOK-03: keeps error_description within the characters of RFC 6749', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.string({ unit: 'binary' }), (code, message) => {
        const printed = JSON.parse(formatErrorBody({ code, message }))

        expect(printed.errors[0].message).toBe(message)
        expect(printed.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/)
      }),
    )
    expect(JSON.parse(formatErrorBody({ code: 'DENIED', message: 'say "caf\u00e9"' })).error_description).toBe(
      "say 'caf?'",
    )
  })
})

describe('formatRegistryErrorBody', () => {
  it('prints one detail record for each action, spelled as registries spell them, and a line break', () => {
    expect(
      formatRegistryErrorBody({
        code: 'UNAUTHORIZED',
        needed: [
          { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
          { type: 'repository', class: 'plugin', name: 'c/d', actions: ['pull'] },
        ],
      }),
    ).toBe(
      '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[' +
        '{"Type":"repository","Class":"","Name":"a/b","Action":"pull"},' +
        '{"Type":"repository","Class":"","Name":"a/b","Action":"push"},' +
        '{"Type":"repository","Class":"plugin","Name":"c/d","Action":"pull"}]}]}\n',
    )
  })

  it('prints null for a detail when no access was needed', () => {
    expect(formatRegistryErrorBody({ code: 'DENIED', message: 'office hours only' })).toBe(
      '{"errors":[{"code":"DENIED","message":"office hours only","detail":null}]}\n',
    )
  })
})

describe('parseErrorBody', () => {
  it('reads back what the printers printed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.stringMatching(/^[a-z ]{0,20}[a-z]$/), (code, message) => {
        const trimmed = message.trim()
        expect(parseErrorBody(formatErrorBody({ code, message: trimmed }))).toEqual({
          message: trimmed,
          errors: [{ code, message: trimmed }],
          oauthError: ERROR_CODES[code].oauthError,
          oauthDescription: trimmed,
        })
        expect(parseErrorBody(formatRegistryErrorBody({ code, message: trimmed }))).toEqual({
          message: trimmed,
          errors: [{ code, message: trimmed }],
        })
      }),
    )
  })

  it('keeps the detail of a registry', () => {
    const needed = [{ type: 'repository', name: 'a/b', actions: ['pull'] }]

    expect(parseErrorBody(formatRegistryErrorBody({ code: 'UNAUTHORIZED', needed })).errors).toEqual([
      {
        code: 'UNAUTHORIZED',
        message: 'authentication required',
        detail: [{ Type: 'repository', Class: '', Name: 'a/b', Action: 'pull' }],
      },
    ])
  })

  it.each([
    ['details before everything', '{"details":"d","errors":[{"code":"C","message":"m"}],"error":"e"}', 'd'],
    ['the message of the first error', '{"errors":[{"code":"C","message":"m"},{"message":"n"}],"error":"e"}', 'm'],
    ['its code if it has no message', '{"errors":[{"code":"C","message":""}],"error":"e"}', 'C'],
    ['the OAuth description', '{"error":"e","error_description":"why"}', 'why'],
    ['the OAuth word', '{"errors":[],"error":"e"}', 'e'],
    ['plain text', 'try later\n', 'try later'],
    ['nothing for a web page', '<html>secret portal</html>', undefined],
    ['nothing for an empty body', '', undefined],
    ['nothing for odd types', '{"errors":[null,7,"x",{"code":1}],"error":{}}', undefined],
  ])('shows %s', (_, text, message) => {
    expect(parseErrorBody(text).message).toBe(message)
  })

  it('says why a body is not a JSON object', () => {
    expect(parseErrorBody('').problem).toBe('empty')
    expect(parseErrorBody('<html>').problem).toBe('html')
    expect(parseErrorBody('try later').problem).toBe('not_json')
    expect(parseErrorBody('{}')).not.toHaveProperty('problem')
  })

  it('shows one line of at most 512 characters that cannot steer a terminal', () => {
    expect(parseErrorBody('{"error":"\\u001b[2Ja\\r\\nb\\u202ec"}').message).toBe('[2Ja b c')
    expect(parseErrorBody('x'.repeat(600)).message).toHaveLength(512)
    expect(parseErrorBody(`${'x'.repeat(511)}\u{1f600}`).message?.isWellFormed()).toBe(true)
  })

  it('reads at most 64 KiB and 16 errors', () => {
    const errors = Array.from({ length: 40 }, () => ({ code: 'UNKNOWN', message: 'm' }))

    expect(parseErrorBody(JSON.stringify({ errors })).errors).toHaveLength(16)
    expect(parseErrorBody('x'.repeat(65_537))).toEqual({ message: undefined, errors: [], problem: 'too_large' })
    expect(parseErrorBody('{}', { maxBytes: 1 }).problem).toBe('too_large')
  })

  it('never throws, whatever the bytes or the JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.uint8Array()), (anything) => {
        expect(parseErrorBody(anything).errors.length).toBeLessThanOrEqual(16)
      }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (errors, error) => {
        expect(parseErrorBody(JSON.stringify({ errors, error })).errors.length).toBeLessThanOrEqual(16)
      }),
    )
  })
})
