import { describe, expect, it } from 'vitest'
import { createSourceReader, foldAddress, networkOf } from '../src/source.ts'

const source = (peer: string, forwarded?: string, proxies: readonly string[] = []) =>
  createSourceReader(proxies)(new Headers(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }), {
    peer,
    tls: false,
  })

describe('the client address', () => {
  it('LCK-10: is the peer’s, whatever X-Forwarded-For says, when no proxy is listed', () => {
    expect(source('192.0.2.1', '203.0.113.9')).toBe('192.0.2.1')
    expect(source('127.0.0.1', '203.0.113.9, 127.0.0.1')).toBe('127.0.0.1')
  })

  it('LCK-10: is the first address from the right that is not a listed proxy', () => {
    const proxies = ['10.0.0.0/8', '192.0.2.1']
    expect(source('10.1.2.3', '203.0.113.9', proxies)).toBe('203.0.113.9')
    expect(source('10.1.2.3', '198.51.100.1, 203.0.113.9, 192.0.2.1', proxies)).toBe('203.0.113.9')
    expect(source('10.1.2.3', '10.9.9.9', proxies)).toBe('10.9.9.9')
    expect(source('10.1.2.3', undefined, proxies)).toBe('10.1.2.3')
  })

  it('LCK-10: stops at an entry that is no address, since nothing left of it can be believed', () => {
    expect(source('10.0.0.1', '203.0.113.9, unknown', ['10.0.0.1'])).toBe('10.0.0.1')
    expect(source('10.0.0.1', '203.0.113.9, ', ['10.0.0.1'])).toBe('10.0.0.1')
  })

  it('walks 32 entries and no more', () => {
    const chain = ['203.0.113.9', ...Array.from({ length: 40 }, () => '10.0.0.2')].join(', ')
    expect(source('10.0.0.1', chain, ['10.0.0.0/8'])).toBe('10.0.0.2')
  })

  it('LCK-10: folds IPv4-mapped peers, so that they are neither another source nor past the list', () => {
    expect(source('::ffff:192.0.2.1')).toBe('192.0.2.1')
    expect(source('::ffff:10.0.0.1', '::ffff:203.0.113.9', ['10.0.0.0/8'])).toBe('203.0.113.9')
  })

  it('knows a proxy on a socket without addresses by the word unix', () => {
    expect(source('unix', '203.0.113.9')).toBe('unix')
    expect(source('unix', '203.0.113.9', ['unix'])).toBe('203.0.113.9')
  })

  it.each([
    ['::ffff:c000:201', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['192.0.2', undefined],
    ['0300.0.2.1', undefined],
    ['', undefined],
    ['example.com', undefined],
  ])('spells %s as %s', (text, folded) => {
    expect(foldAddress(text)).toBe(folded)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
  ])('LCK-10: counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each(['10.0.0.0/33', 'fd00::/129', 'proxy.example.com', '10.0.0.0/', '10.0.0.0/8/8', '', '10.0.0.0/-1'])(
    'refuses the proxy %j at start',
    (entry) => {
      expect(() => createSourceReader([entry])).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION' }))
    },
  )

  it('takes networks of every length', () => {
    expect(source('203.0.113.5', '198.51.100.1', ['0.0.0.0/0', '::/0'])).toBe('198.51.100.1')
  })
})
