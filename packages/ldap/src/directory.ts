import type { Budget } from './budget.ts'
import { type ConnectionSettings, DirectoryConnection, type SearchRequest } from './directory-connection.ts'
import type { DirectoryEntry } from './entry.ts'
import type { LdapNews } from './events.ts'
import { DirectoryFailure } from './failure.ts'
import type { LdapAuthSettings } from './options.ts'
import { ServerList } from './server-list.ts'
import { Slots } from './slots.ts'
import type { Server } from './wire/open-socket.ts'
import { WireError } from './wire/wire-error.ts'

/** A connection of the search account that waits for its next use. */
interface Idle {
  readonly connection: DirectoryConnection
  readonly timer: NodeJS.Timeout
}

/** The servers of a directory, and as many connections to them as are allowed. */
export class Directory {
  readonly #settings: ConnectionSettings & Pick<LdapAuthSettings, 'pool'>
  readonly #servers: ServerList
  readonly #searchSlots: Slots
  readonly #verifySlots: Slots
  readonly #live = new Set<DirectoryConnection>()
  #idle: readonly Idle[] = []
  #isClosed = false

  constructor(
    settings: ConnectionSettings & Pick<LdapAuthSettings, 'servers' | 'pool'>,
    tell: (news: LdapNews) => void,
  ) {
    const { servers, pool } = settings
    this.#settings = settings
    this.#servers = new ServerList({ servers, now: () => performance.now(), random: Math.random, tell })
    this.#searchSlots = new Slots(pool.maxSearch, pool.maxWaiting)
    this.#verifySlots = new Slots(pool.maxVerify, pool.maxWaiting)
  }

  /**
   * Searches as the search account, on a connection that is kept for the next search.
   *
   * @throws {DirectoryFailure} when there is no answer, or a useless one.
   * @throws {WireError} when the time is over, or too many are waiting.
   */
  async search(request: SearchRequest, budget: Budget): Promise<readonly DirectoryEntry[]> {
    const release = await this.#searchSlots.take(budget)
    try {
      const kept = this.#takeIdle()
      if (kept !== undefined) {
        try {
          return await this.#searchAndKeep(kept, request, budget)
        } catch (error) {
          // Directories close idle connections, and this one may not have noticed yet. A search may be asked twice.
          if (faultOf(error) !== 'lost') throw error
        }
      }
      const fresh = await this.#servers.first((server) => this.#openForSearch(server, budget), closeUnused)
      return await this.#searchAndKeep(fresh, request, budget)
    } finally {
      release()
    }
  }

  /**
   * Lends a fresh connection on which nobody is bound, for one use; then it is closed. Nothing is tried again.
   *
   * @throws {DirectoryFailure} when no server can be reached.
   * @throws {WireError} when the time is over, or too many are waiting.
   */
  async withOwnConnection<T>(budget: Budget, use: (own: DirectoryConnection) => Promise<T>): Promise<T> {
    const release = await this.#verifySlots.take(budget)
    try {
      const own = await this.#servers.first((server) => this.#open(server, budget), closeUnused)
      try {
        return await use(own)
      } finally {
        own.close()
      }
    } finally {
      release()
    }
  }

  /** Closes every connection; what is under way fails. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#live) connection.close()
  }

  async #open(server: Server, budget: Budget): Promise<DirectoryConnection> {
    if (this.#isClosed) throw new WireError('aborted', 'this side was shut down')
    const connection = await DirectoryConnection.open(server, this.#settings, budget)
    this.#live.add(connection)
    connection.onEnd(() => {
      this.#live.delete(connection)
      this.#forget(connection)
    })
    if (this.#isClosed) connection.close()
    return connection
  }

  async #openForSearch(server: Server, budget: Budget): Promise<DirectoryConnection> {
    const connection = await this.#open(server, budget)
    try {
      await connection.bindSearchAccount(budget)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  async #searchAndKeep(
    connection: DirectoryConnection,
    request: SearchRequest,
    budget: Budget,
  ): Promise<readonly DirectoryEntry[]> {
    try {
      const entries = await connection.search(request, budget)
      this.#keep(connection)
      return entries
    } catch (error) {
      connection.close()
      throw error
    }
  }

  #keep(connection: DirectoryConnection): void {
    if (!connection.isOpen) return
    const timer = setTimeout(() => connection.close(), this.#settings.pool.idleMs).unref()
    this.#idle = [...this.#idle, { connection, timer }]
  }

  /** The one used last, so that those nobody needs grow old; none to a server that another goes before again. */
  #takeIdle(): DirectoryConnection | undefined {
    const preferred = this.#servers.preferred
    for (const { connection } of this.#idle.toReversed()) {
      this.#forget(connection)
      if (connection.server === preferred) return connection
      connection.close()
    }
    return undefined
  }

  #forget(connection: DirectoryConnection): void {
    clearTimeout(this.#idle.find((one) => one.connection === connection)?.timer)
    this.#idle = this.#idle.filter((one) => one.connection !== connection)
  }
}

const faultOf = (error: unknown): string | undefined =>
  error instanceof DirectoryFailure && error.cause instanceof WireError ? error.cause.fault : undefined

const closeUnused = (connection: DirectoryConnection): void => connection.close()
