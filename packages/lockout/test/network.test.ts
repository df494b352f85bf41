import fc from 'fast-check'
import { expect, it } from 'vitest'
import { networkOf } from '../src/index.ts'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:0201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', 'unknown'],
  ['not an address', 'not an address'],
  ['not:an:address', 'not:an:address'],
  ['x'.repeat(500), 'x'.repeat(64)],
])('LCK-10: %s is counted under %s', (source, network) => {
  expect(networkOf(source)).toBe(network)
})

it('LCK-10: all addresses of one IPv6 /64 are one network, in every spelling, and those of two are two', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count })
  const spell = (parts: readonly number[], padded: boolean) =>
    parts.map((part) => part.toString(16).padStart(padded ? 4 : 1, '0')).join(':')
  fc.assert(
    fc.property(groups(4), groups(4), groups(4), groups(4), fc.boolean(), (net, other, host1, host2, padded) => {
      fc.pre(net.some((part) => part !== 0) && other.some((part) => part !== 0))
      expect(networkOf(spell([...net, ...host1], padded))).toBe(networkOf(spell([...net, ...host2], !padded)))
      const areEqual = net.every((part, index) => part === other[index])
      expect(networkOf(spell([...net, ...host1], padded)) === networkOf(spell([...other, ...host1], padded))).toBe(
        areEqual,
      )
    }),
  )
})

it('never throws, and answers with 64 characters at most', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV6(), fc.ipV4()), (source) => {
      expect(networkOf(source).length).toBeLessThanOrEqual(64)
    }),
  )
})
