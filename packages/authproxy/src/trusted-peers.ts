import { BlockList, isIP } from 'node:net'

/**
 * Makes the test of whether somebody on the other end of a socket is listed.
 *
 * @param peers Addresses, networks such as `10.0.0.0/8`, and `unix`; checked before.
 * @returns A function of the socket's address. An IPv4 address mapped into IPv6 is the IPv4 address that it is.
 */
export function trustedPeers(peers: readonly string[]): (peer: string) => boolean {
  const list = new BlockList()
  for (const entry of peers.filter((one) => one !== 'unix')) {
    const [address = '', bits] = entry.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return (peer) => {
    // The zone of a link-local address names an interface of ours.
    const address = peer.replace(/%.*$/, '')
    const family = isIP(address)
    if (family === 0) return peer === 'unix' && peers.includes('unix')
    return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}
