import { ConfigurationError } from '@lockkeeper/core'

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/

/**
 * Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
 *
 * @throws {ConfigurationError} for anything else; an address without host would listen everywhere.
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, ipv6, name, digits] = ADDRESS.exec(text) ?? []
  const host = ipv6 ?? name
  const port = Number(digits)
  if (host !== undefined && port <= 65_535) return { host, port }
  throw new ConfigurationError('listen', [
    { path: '', message: 'must be an address and a port, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080' },
  ])
}

/** Prints an address so that {@link parseListenAddress} and URLs read it. */
export const formatListenAddress = ({ host, port }: ListenAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Turns what the system says of an address into what to do about it. */
export function listenProblem(address: ListenAddress, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const advice = ADVICE.get(code)
  if (advice === undefined) return error
  const problem = { path: '', message: `${formatListenAddress(address)} ${advice}` }
  return new ConfigurationError('listen', [problem], { cause: error })
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'is in use: stop the program that listens there, or choose another port'],
  ['EACCES', 'is not ours to use: choose a port from 1024 up, or run with the right to bind this one'],
  ['EADDRNOTAVAIL', 'is no address of this machine: choose one of its own, or 0.0.0.0 for all'],
  ['ENOTFOUND', 'has a host name that is not known: write an address instead'],
])
