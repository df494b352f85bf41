import { describe, expect, it } from 'vitest'
import { MAX_TOKEN_LENGTH, splitCompact } from '../src/verify/compact.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, outcomeOf } from './forge.ts'

const key = ecKey()
const controller = controllerFor({ jwks: jwksOf(key) })
const header = { alg: 'ES256', typ: 'JWT', kid: key.libtrust }
const token = forge(header, claims(), key.privateKey)
const [head = '', body = '', signature = ''] = token.split('.')

/** The same bytes with other spare bits, where the last character has any. */
function spareBits(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1) ?? '') + 1]
}

describe('VER-05: the form of a token', () => {
  it.each([
    ['no dots', 'abc'],
    ['one dot', `${head}.${body}`],
    ['three dots', `${token}.`],
    ['five parts, as an encrypted token has', `${token}.${head}.${head}`],
    ['an empty header', `.${body}.${signature}`],
    ['empty claims', `${head}..${signature}`],
    ['an empty signature', `${head}.${body}.`],
    ['padding', `${head}.${body}.${signature}==`],
    ['padding in the header', `${head}=.${body}.${signature}`],
    ['spare bits in the signature', `${head}.${body}.${spareBits(signature)}`],
    ['standard base64', `${head}.${body}.${Buffer.alloc(64, 0xff).toString('base64').replaceAll('=', '')}`],
    ['a line break', `${head}.${body}.\n${signature}`],
    ['a character that base64 decoders skip', `${head}.${body}.!${signature}`],
    ['a character outside ASCII', `${head}.${body}.${signature}é`],
    ['NUL', `${head}.${body}.${signature}\u0000`],
  ])('%s is malformed', async (_what, malformed) => {
    expect(await outcomeOf(controller, malformed)).toBe('malformed_token')
  })

  it('the decoder that Node has would take what is refused here for spare bits', () => {
    expect(Buffer.from(spareBits(signature), 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
  })

  it.each(['[]', '"text"', '1', 'null', 'true', '', '{', '\ufeff{}'])('a header of %j is malformed', async (text) => {
    expect(await outcomeOf(controller, forge(text, claims(), key.privateKey))).toBe('malformed_token')
  })

  it.each(['[]', '"text"', '1', 'null', '', '{"a":[[[[[[[[1]]]]]]]]}'])(
    'a payload of %j is malformed',
    async (text) => {
      expect(await outcomeOf(controller, forge(header, text, key.privateKey))).toBe('malformed_token')
    },
  )

  it('every change of a single character is refused', async () => {
    for (let at = 0; at < token.length; at += 3) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect(await outcomeOf(controller, changed)).not.toBe('granted')
    }
  })

  it('12 KiB is the longest', () => {
    expect(splitCompact('a'.repeat(MAX_TOKEN_LENGTH))).toBe('malformed_token')
    expect(splitCompact('a'.repeat(MAX_TOKEN_LENGTH + 1))).toBe('too_large')
  })
})
