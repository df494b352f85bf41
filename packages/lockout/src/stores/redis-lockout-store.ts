import { hash } from 'node:crypto'
import type { FailureTrace, LockoutStore, Reservation, StoredFreeze } from '../lockout-store.ts'
import { LOCKOUT_SCRIPT } from './redis-script.ts'

/** The methods of a Redis client that are called. ioredis has them; README.md shows an adapter for other clients. */
export interface RedisScripting {
  /** Runs a Lua script; the first `numberOfKeys` of the rest are its `KEYS`, the others its `ARGV`. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  /**
   * As `eval`, of a script that the server knows by its SHA-1; what it throws otherwise says `NOSCRIPT`. Without this
   * method the whole script is sent each time.
   */
  evalsha?(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** Options of {@link redisLockoutStore}. */
export interface RedisLockoutStoreOptions {
  /** What every key begins with; `{lockkeeper}:lock:` by default. What stands in braces keeps them on one cluster node. */
  readonly prefix?: string
}

/**
 * Keeps freezes in Redis (6.2 or later) or Valkey, so that any number of processes act as one. Each question is one
 * script and one round trip; the server's clock measures, and every key ends by itself.
 *
 * @throws whatever the client throws; `withFallback` makes do without the server.
 */
export const redisLockoutStore = (client: RedisScripting, options: RedisLockoutStoreOptions = {}): LockoutStore =>
  new RedisLockoutStore(client, options.prefix ?? '{lockkeeper}:lock:')

class RedisLockoutStore implements LockoutStore {
  readonly #client: RedisScripting
  readonly #prefix: string

  constructor(client: RedisScripting, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async reserve(keys: readonly string[], holder: string, leaseMs: number): Promise<Reservation> {
    const answer = await this.#ask('reserve', keys, holder, whole(leaseMs))
    const [outcome, number] = Array.isArray(answer) ? answer : []
    if (typeof number === 'number') {
      if (outcome === 'granted') return { outcome, failures: number }
      if (outcome === 'frozen' || outcome === 'busy') return { outcome, forMs: number }
    }
    throw unexpected(answer)
  }

  async settle(keys: readonly string[], holder: string, freezeMs: number, trace?: FailureTrace): Promise<void> {
    const { failures = '', rememberMs = 0, source = '' } = trace ?? {}
    await this.#ask('settle', keys, holder, whole(freezeMs), String(failures), whole(rememberMs), source)
  }

  async mark(key: string, forMs: number): Promise<void> {
    await this.#ask('mark', [`mark:${key}`], whole(Math.max(forMs, 1)))
  }

  async isMarked(key: string): Promise<boolean> {
    return (await this.#ask('isMarked', [`mark:${key}`])) === 1
  }

  async list(limit: number): Promise<readonly StoredFreeze[]> {
    // The script finds the index by itself; a cluster finds the node by the key.
    const rows = await this.#ask('list', ['frozen'], whole(limit))
    if (!Array.isArray(rows)) throw unexpected(rows)
    return rows.map((row: unknown) => {
      const [key, sinceMs, forMs, failures, source] = Array.isArray(row) ? row : []
      return {
        key: String(key),
        sinceMs: Number(sinceMs),
        forMs: Number(forMs),
        failures: Number(failures),
        source: String(source),
      }
    })
  }

  async clear(keys: readonly string[]): Promise<void> {
    // A script stops the server for all others, so it is given few keys at a time.
    for (let at = 0; at < keys.length; at += 500) await this.#ask('clear', keys.slice(at, at + 500))
  }

  async #ask(question: string, keys: readonly string[], ...rest: readonly string[]): Promise<unknown> {
    const named = keys.map((key) => this.#prefix + key)
    const given = [...named, question, this.#prefix, ...rest]
    if (this.#client.evalsha !== undefined) {
      try {
        return await this.#client.evalsha(LOCKOUT_SHA1, named.length, ...given)
      } catch (error) {
        if (!isUnknownScript(error)) throw error
        // A server that was started anew learns the script by running it.
      }
    }
    return this.#client.eval(LOCKOUT_SCRIPT, named.length, ...given)
  }
}

const LOCKOUT_SHA1 = hash('sha1', LOCKOUT_SCRIPT)

const isUnknownScript = (error: unknown): boolean => error instanceof Error && error.message.includes('NOSCRIPT')

/** The server counts whole milliseconds; a freeze is never rounded down. */
const whole = (number: number): string => String(Math.ceil(number))

const unexpected = (answer: unknown): TypeError =>
  new TypeError(
    `Redis gave the lockout script an answer of type ${typeof answer}: is the client set to return numbers and strings?`,
  )
