const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/
const MAX_LENGTH = 64

/**
 * The network that an address is counted under: an IPv4 address as it is, an IPv6 address by its first 64 bits, since
 * one customer has them all, and an IPv4 address mapped into IPv6 as the IPv4 address that it is. Anything else is
 * counted as written; all who come without an address are counted together.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5.2 | RFC 4291 section 2.5.5.2}, mapped addresses.
 */
export function networkOf(source: string): string {
  const address = source.slice(0, MAX_LENGTH)
  if (address === '') return 'unknown'
  if (IPV4.test(address) || !address.includes(':')) return address
  const groups = ipv6Groups(address)
  if (groups === undefined) return address
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address; its zone does not matter here. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const url = `http://[${address.replace(/%.*$/, '')}]`
  if (!URL.canParse(url)) return undefined
  // The URL parser knows every spelling, and answers with one: lower-case, at most one "::", nothing dotted.
  const [head = '', tail] = new URL(url).hostname.slice(1, -1).split('::')
  const before = parse(head)
  const after = parse(tail ?? '')
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

const parse = (groups: string): readonly number[] =>
  groups === '' ? [] : groups.split(':').map((group) => Number.parseInt(group, 16))
