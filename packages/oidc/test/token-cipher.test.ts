import { randomBytes } from 'node:crypto'
import { tokenCipher } from '@lockkeeper/oidc'
import { describe, expect, it } from 'vitest'

const OLD = { id: '2026-01', secret: randomBytes(32).toString('base64') }
const NEW = { id: '2026-06', secret: randomBytes(32).toString('base64') }
const PLACE = { table: 'lockkeeper_grant', column: 'tokens', account: '7' }
const BROKEN = expect.objectContaining({ code: 'ERR_SEAL_BROKEN' })

const cipher = tokenCipher({ keys: [OLD] })
const opening = (sealed: string, place = PLACE, by = cipher) => {
  try {
    return by.open(sealed, place)
  } catch (error) {
    return error
  }
}

describe('OID-10: tokens at rest', () => {
  it('open where they were sealed', () => {
    for (const text of ['', 'token', 'ü€😀', 'x'.repeat(10_000)]) {
      expect(cipher.open(cipher.seal(text, PLACE), PLACE)).toBe(text)
    }
  })

  it('look different each time, and never show the text', () => {
    const sealed = Array.from({ length: 100 }, () => cipher.seal('refresh-token', PLACE))
    expect(new Set(sealed).size).toBe(100)
    expect(sealed.some((each) => each.includes('refresh') || atobAll(each).includes('refresh'))).toBe(false)
  })

  it.each([
    ['account', { ...PLACE, account: '8' }],
    ['column', { ...PLACE, column: 'secret' }],
    ['table', { ...PLACE, table: 'other' }],
    ['place whose parts run together to the same text', { table: 'lockkeeper_grant_', column: 'tokens', account: '7' }],
  ])('do not open in another %s', (_what, place) => {
    expect(opening(cipher.seal('token', PLACE), place)).toEqual(BROKEN)
  })

  it('do not open after any bit was changed', () => {
    const sealed = cipher.seal('token', PLACE)
    const prefix = sealed.lastIndexOf('.') + 1
    const bytes = Buffer.from(sealed.slice(prefix), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(opening(sealed.slice(0, prefix) + changed.toString('base64url'))).toEqual(BROKEN)
    }
  })

  it.each([
    ['nothing', () => ''],
    ['the text itself', () => 'refresh-token'],
    ['base64 of the text', () => btoa('refresh-token')],
    ['a value whose prefix was taken off', () => cipher.seal('token', PLACE).split('.')[2] ?? ''],
    ['another format', () => cipher.seal('token', PLACE).replace('lk1', 'lk0')],
    ['a cut value', () => cipher.seal('token', PLACE).slice(0, -4)],
    ['a value with more behind it', () => `${cipher.seal('token', PLACE)}.x`],
    ['a value under the name of another key', () => cipher.seal('token', PLACE).replace(OLD.id, NEW.id)],
  ])('there is no way to open %s', (_what, make) => {
    expect(opening(make())).toEqual(BROKEN)
    expect(opening(make(), PLACE, tokenCipher({ keys: [OLD, NEW] }))).toEqual(BROKEN)
  })

  it('are sealed with the first key of the ring and opened with any', () => {
    const both = tokenCipher({ keys: [NEW, OLD] })
    expect(both.open(cipher.seal('token', PLACE), PLACE)).toBe('token')
    expect(both.seal('token', PLACE)).toMatch(/^lk1\.2026-06\./)
    expect(opening(both.seal('token', PLACE))).toEqual(BROKEN)
  })

  it('say which key is missing, and nothing of the value', () => {
    const sealed = tokenCipher({ keys: [NEW] }).seal('canary', PLACE)
    const error = opening(sealed)
    expect(String(error)).toContain('lockkeeper_grant.tokens of account 7 was sealed with key "2026-06"')
    expect(String(error)).not.toContain(sealed.split('.')[2])
  })

  it.each([
    ['no key', []],
    ['a short key', [{ id: 'a', secret: randomBytes(16).toString('base64') }]],
    ['a key of zeros', [{ id: 'a', secret: Buffer.alloc(32).toString('base64') }]],
    ['an id with a dot', [{ ...OLD, id: 'a.b' }]],
    ['two keys of one id', [OLD, { ...NEW, id: OLD.id }]],
  ])('do not start with %s', (_what, keys) => {
    expect(() => tokenCipher({ keys })).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
  })
})

const atobAll = (sealed: string) => Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')
