import { describe, expect, it } from 'vitest'
import { isFromOwnOrigin, requireOwnOrigin } from '../../src/web/own-origin.ts'

const OWN = 'https://auth.example.com'

// biome-ignore format: a table is read by column
const TABLE: readonly (readonly [origin: string | undefined, site: string | undefined, allowed: boolean])[] = [
  [OWN,                              'same-origin', true],
  [OWN,                              undefined,     true],
  ['null',                           'same-origin', true],
  [undefined,                        'same-origin', true],
  [undefined,                        undefined,     false],
  ['null',                           undefined,     false],
  ['',                               undefined,     false],
  [undefined,                        'none',        false],
  [undefined,                        'same-site',   false],
  [undefined,                        'cross-site',  false],
  [undefined,                        '',            false],
  [undefined,                        'Same-Origin', false],
  [OWN,                              'cross-site',  false],
  [OWN,                              'same-site',   false],
  ['https://evil.test',              'same-origin', false],
  ['https://evil.test',              undefined,     false],
  ['http://auth.example.com',        undefined,     false],
  ['https://auth.example.com:8443',  undefined,     false],
  ['https://auth.example.com.evil',  undefined,     false],
  ['https://sub.auth.example.com',   undefined,     false],
  [`${OWN}/`,                        undefined,     false],
  [`${OWN}, https://evil.test`,      undefined,     false],
  ['null',                           'cross-site',  false],
]

describe('SES-04: a request that changes something', () => {
  it.each(TABLE)('with Origin %s and Sec-Fetch-Site %s is ours: %s', (origin, site, allowed) => {
    const headers = new Headers()
    if (origin !== undefined) headers.set('origin', origin)
    if (site !== undefined) headers.set('sec-fetch-site', site)
    expect(isFromOwnOrigin(headers, OWN)).toBe(allowed)
  })

  it('is refused with what to do', () => {
    expect(() => requireOwnOrigin(new Headers({ origin: 'https://evil.test' }), OWN)).toThrow(
      expect.objectContaining({ code: 'ERR_REQUEST', status: 400, reason: 'foreign_origin' }),
    )
  })
})
