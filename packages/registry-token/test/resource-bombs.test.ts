import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../../../test/measure/cpu-time.ts'
import { claims, controllerFor, ecKey, forge, jwksOf, outcomeOf } from './forge.ts'

const key = ecKey()
const controller = controllerFor({ jwks: jwksOf(key) })
const header = { alg: 'ES256', typ: 'JWT', kid: key.libtrust }
const MEGABYTE = 1_048_576

const refusalMs = (token: string): Promise<number> => cpuMs(() => controller.authorize(`Bearer ${token}`, []))

describe('VER-05: a token that is made to be expensive', () => {
  it.each([
    ['a megabyte of dots', '.'.repeat(MEGABYTE)],
    ['a megabyte of letters', 'a'.repeat(MEGABYTE)],
    ['a megabyte with two dots', `${'a'.repeat(MEGABYTE)}.a.a`],
    ['twelve kilobytes of dots', '.'.repeat(12_288)],
  ])('%s is refused in less than a millisecond', async (_what, token) => {
    expect(await refusalMs(token)).toBeLessThan(1)
  })

  it.each([
    ['deep brackets', '['.repeat(8000)],
    ['deep objects', '{"a":'.repeat(1700)],
    ['one long string', `{"a":"${'x'.repeat(8000)}`],
    ['backslashes', `{"a":"${'\\\\'.repeat(4000)}`],
    ['a long number', `{"a":${'9'.repeat(8000)}`],
    ['many commas', `{"a":[${','.repeat(8000)}`],
    ['white space', `{${' '.repeat(8000)}`],
  ])('%s as claims are refused within 5 ms', async (_what, payload) => {
    const token = forge(header, payload, key.privateKey)
    expect(await outcomeOf(controller, token)).toBe('malformed_token')
    expect(await refusalMs(token)).toBeLessThan(5)
  })

  it('a compressed payload is refused unread', async () => {
    const bomb = deflateRawSync(Buffer.alloc(MEGABYTE)).toString('base64url')
    expect(await outcomeOf(controller, forge({ ...header, zip: 'DEF' }, bomb, key.privateKey))).toMatch(
      /refused|malformed/,
    )
    expect(await outcomeOf(controller, forge({ ...header, zip: 'DEF' }, claims(), key.privateKey))).toBe(
      'header_refused',
    )
  })

  it('more certificates than five are refused unread', async () => {
    const x5c = Array.from({ length: 6 }, () => 'MIIB')
    expect(await outcomeOf(controller, forge({ ...header, x5c }, claims(), key.privateKey))).toBe('header_refused')
  })

  it('a key id of more than 1024 characters is refused unread', async () => {
    const long = forge({ ...header, kid: 'k'.repeat(1025) }, claims(), key.privateKey)
    expect(await outcomeOf(controller, long)).toBe('header_refused')
  })
})
