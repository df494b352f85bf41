import { ConfigurationError } from '@lockkeeper/core'

/** What a server allows its clients. Node's own defaults are minutes, and no cap on connections. */
export interface ServeLimits {
  /** Time for all header fields of a request, in milliseconds; 10 000 by default. */
  readonly headersTimeoutMs: number
  /** Time for a whole request, in milliseconds; 15 000 by default. */
  readonly requestTimeoutMs: number
  /** How often those two are checked, in milliseconds; 2000 by default. */
  readonly checkIntervalMs: number
  /** How long a connection waits for its next request, in milliseconds; 5000 by default. */
  readonly keepAliveTimeoutMs: number
  /** How long a socket may be silent in both directions, in milliseconds; 60 000 by default. */
  readonly idleTimeoutMs: number
  /** Connections in all; 5000 by default. */
  readonly maxConnections: number
  /** Connections of one address, listed proxies excepted; 1000 by default. */
  readonly maxConnectionsPerSource: number
  /** Requests of one connection that wait for their answers at a time; 16 by default. */
  readonly maxPipelined: number
  /**
   * After `stop()`: how long it goes on listening, and then how long connections without a request stay open, so that no
   * request is cut off, in milliseconds; 250 by default.
   */
  readonly lingerMs: number
  /** After `stop()`: how long requests under way have, in milliseconds; 8000 by default. */
  readonly graceMs: number
}

const DEFAULT_LIMITS: ServeLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  checkIntervalMs: 2000,
  keepAliveTimeoutMs: 5000,
  idleTimeoutMs: 60_000,
  maxConnections: 5000,
  maxConnectionsPerSource: 1000,
  maxPipelined: 16,
  lingerMs: 250,
  graceMs: 8000,
}

/**
 * The limits that hold: the given ones, else the defaults.
 *
 * @throws {ConfigurationError} for what is not a whole number from 1 up (0 would switch a limit of Node off), and for
 * names that are not limits.
 */
export function readLimits(given: Partial<ServeLimits>): ServeLimits {
  const known = new Set(Object.keys(DEFAULT_LIMITS))
  const problems = Object.entries(given).flatMap(([name, value]) => {
    if (!known.has(name)) return [{ path: name, message: `is not a limit; there are ${[...known].join(', ')}` }]
    const isUsable = Number.isSafeInteger(value) && value >= 1
    return isUsable ? [] : [{ path: name, message: 'must be a whole number of at least 1' }]
  })
  if (problems.length > 0) throw new ConfigurationError('limits', problems)
  return { ...DEFAULT_LIMITS, ...given }
}
