import { BackendUnavailableError } from '@lockkeeper/core'
import { type LockoutStore, type RedisScripting, redisLockoutStore } from '@lockkeeper/lockout'
import { Redis } from 'ioredis'

/** What `lockout.redis` says. */
export interface RedisOptions {
  readonly url: string
  readonly prefix?: string
}

const CONNECT_MS = 2_000
/**
 * A connection on which an answer is due and nothing comes is given up. Not soon: when a server that stood still goes
 * on, what it then grants can only be given back by whoever still listens.
 */
const SILENT_MS = 30_000

/**
 * Opens the store of freezes in Redis. One that is down is connected to in the background, for as long as it takes;
 * meanwhile questions fail at once, and nothing is queued.
 */
export async function openRedisLockoutStore({ url, prefix }: RedisOptions): Promise<{
  readonly store: LockoutStore
  close(): Promise<void>
}> {
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
  })
  let fault: unknown
  client.on('error', (error: unknown) => {
    fault = error
  })
  client.on('ready', () => {
    fault = undefined
  })
  await client.connect().catch((error: unknown) => {
    fault ??= error
  })

  const explained = async (answer: Promise<unknown>): Promise<unknown> => {
    try {
      return await answer
    } catch (error) {
      // Why there is no connection says more than that there is none.
      const cause = fault ?? error
      throw new BackendUnavailableError('lockout', `Redis at ${hostOf(url)} ${whyNot(cause)}`, { cause })
    }
  }
  const scripting: RedisScripting = {
    eval: (...question) => explained(client.eval(...question)),
    evalsha: (...question) => explained(client.evalsha(...question)),
  }
  return {
    store: redisLockoutStore(scripting, prefix === undefined ? {} : { prefix }),
    // What is still asked need not be answered: the process is about to end.
    close: async () => client.disconnect(),
  }
}

/** Without the user and the password that stand in the URL. */
const hostOf = (url: string): string => new URL(url).host

function whyNot(error: unknown): string {
  if (!(error instanceof Error) || error.name !== 'ReplyError') {
    // What the client says of a connection that is gone is about its own options.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection'
    return `cannot be reached (${code}): start it, or mend lockout.redis.url`
  }
  const isDenied = /^(?:WRONGPASS|NOAUTH|NOPERM)/.test(error.message)
  return `answers: ${error.message}${isDenied ? '; mend user and password in lockout.redis.url' : ''}`
}
