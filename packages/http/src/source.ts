import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'
import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { Connection } from './route.ts'

/** More forwarded addresses than this are not walked. */
const MAX_HOPS = 32
const WITH_PORT = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):[0-9]{1,5}$/i
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/** Finds the client's address. */
export type SourceReader = (headers: Headers, connection: Connection) => string

/**
 * Makes the reader of client addresses. Without proxies it is the peer's. With them, `X-Forwarded-For` is walked from
 * the right for as long as whoever wrote the entry is listed, and the first that is not listed is the client: what stands
 * further left is the client's own invention.
 *
 * @param trustedProxies Addresses and networks (`10.0.0.0/8`, `fd00::/8`), and `unix` for a proxy on a socket without
 * addresses. Nobody by default.
 * @throws {ConfigurationError} with every entry that is none of these.
 */
export function createSourceReader(trustedProxies: readonly string[] = []): SourceReader {
  const isTrusted = createProxyList(trustedProxies)
  return (headers, { peer }) => {
    let source = foldAddress(peer) ?? peer
    if (!isTrusted(source)) return source
    const hops = (headers.get('x-forwarded-for') ?? '').split(',').slice(-MAX_HOPS)
    for (const hop of hops.reverse()) {
      const next = foldAddress(hop.trim())
      if (next === undefined) return source
      source = next
      if (!isTrusted(source)) return source
    }
    return source
  }
}

/**
 * Makes the test of whether an address belongs to a listed proxy.
 *
 * @throws {ConfigurationError} with every entry that is not an address, a network or `unix`.
 */
export function createProxyList(trustedProxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  const problems = trustedProxies.flatMap((entry, index) => (entry === 'unix' ? [] : add(list, entry, index)))
  if (problems.length > 0) throw new ConfigurationError('trustedProxies', problems)
  const trustsUnix = trustedProxies.includes('unix')
  return (address) => {
    const family = isIP(address)
    return family === 0 ? trustsUnix && address === 'unix' : list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}

/**
 * The one spelling of an address: an IPv4-mapped one becomes IPv4, an IPv6 one is compressed and loses its zone, a port
 * is cut off.
 *
 * @returns `undefined` for what is no address.
 * @see {@link https://www.rfc-editor.org/rfc/rfc5952 | RFC 5952}
 */
export function foldAddress(text: string): string | undefined {
  const [, bracketed, dotted] = WITH_PORT.exec(text) ?? []
  const address = bracketed ?? dotted ?? text
  if (isIPv4(address)) return address
  if (!isIPv6(address)) return undefined
  const zone = address.indexOf('%')
  const compressed = new URL(`http://[${zone < 0 ? address : address.slice(0, zone)}]`).hostname.slice(1, -1)
  const [, high, low] = MAPPED.exec(compressed) ?? []
  if (high === undefined || low === undefined) return compressed
  return [high, low].flatMap((pair) => [Number.parseInt(pair, 16) >> 8, Number.parseInt(pair, 16) & 0xff]).join('.')
}

/**
 * What counts as one source: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address there has them all.
 *
 * @param address As {@link foldAddress} spells it.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [before = '', after] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = after === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...(after ?? [])]
  return `${groups.slice(0, 4).join(':')}::/64`
}

function add(list: BlockList, entry: string, index: number): readonly ConfigurationProblem[] {
  const [network = '', prefix, ...rest] = entry.split('/')
  const family = isIP(network)
  const bits = family === 4 ? 32 : 128
  const length = prefix === undefined ? bits : Number(prefix)
  const isLength = prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && length <= bits)
  if (family === 0 || rest.length > 0 || !isLength) {
    return [{ path: `[${index}]`, message: 'must be an address, a network such as 10.0.0.0/8, or unix' }]
  }
  list.addSubnet(network, length, family === 4 ? 'ipv4' : 'ipv6')
  return []
}
