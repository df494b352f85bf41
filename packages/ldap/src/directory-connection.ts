import type { Filter } from 'ldapts'
import { type Budget, limitsWithin } from './budget.ts'
import { DirectoryEntry } from './entry.ts'
import { connectFailure, operationFailure, searchAccountFailure, searchFailure } from './failure.ts'
import type { LdapAuthSettings } from './options.ts'
import type { BindAnswer } from './wire/bind.ts'
import { Connection, SearchRefused } from './wire/connection.ts'
import { openSocket, type Server } from './wire/open-socket.ts'
import { WireError } from './wire/wire-error.ts'

/** One question to the directory. */
export interface SearchRequest {
  readonly base: string
  readonly scope: 'base' | 'one' | 'sub'
  readonly filter: Filter
  readonly attributes: string[]
  /** Attributes whose values stay bytes. */
  readonly asBytes?: string[]
  /** How many entries are enough; without it, all of them are fetched, page by page. */
  readonly enough?: number
}

/** What a connection needs to know. */
export type ConnectionSettings = Pick<LdapAuthSettings, 'tls' | 'timeouts' | 'bindDn' | 'bindPassword'>

const PAGE = 200

/**
 * A connection to one server whose failures are explained. Each method throws {@link DirectoryFailure} when there is no
 * answer, or a useless one, and {@link WireError} with the fault `aborted` when the time is over.
 */
export class DirectoryConnection {
  readonly server: Server
  readonly #connection: Connection
  readonly #settings: ConnectionSettings

  private constructor(server: Server, connection: Connection, settings: ConnectionSettings) {
    this.server = server
    this.#connection = connection
    this.#settings = settings
  }

  /** Connects; nobody is bound yet. */
  static async open(server: Server, settings: ConnectionSettings, budget: Budget): Promise<DirectoryConnection> {
    const limits = limitsWithin(budget, settings.timeouts.connectMs)
    const socket = await openSocket(server, settings.tls, limits).catch((error) => {
      throw isAborted(error) ? error : connectFailure(server, error)
    })
    return new DirectoryConnection(server, new Connection(socket), settings)
  }

  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  /** Calls back once when the connection ends, whoever ends it. */
  onEnd(callback: () => void): void {
    this.#connection.onEnd(callback)
  }

  /** Binds somebody. Whatever the directory answers is an answer. */
  async bind(name: string, password: string, budget: Budget): Promise<BindAnswer> {
    const limits = limitsWithin(budget, this.#settings.timeouts.operationMs)
    return await this.#connection.bind(name, password, limits).catch((error) => this.#explain(error))
  }

  /** Binds the search account, where there is one; a refusal is a failure. */
  async bindSearchAccount(budget: Budget): Promise<void> {
    const { bindDn, bindPassword } = this.#settings
    if (bindDn === undefined || bindPassword === undefined) return
    const answer = await this.bind(bindDn, bindPassword.reveal(), budget)
    if (answer.resultCode !== 0) throw searchAccountFailure(this.server, bindDn, answer)
  }

  /** Searches as whoever is bound. */
  async search(request: SearchRequest, budget: Budget): Promise<readonly DirectoryEntry[]> {
    const { base, scope, filter, attributes, asBytes = [], enough } = request
    const options = {
      scope,
      filter,
      attributes,
      explicitBufferAttributes: asBytes,
      ...(enough === undefined ? { paged: { pageSize: PAGE } } : { sizeLimit: enough }),
    }
    const limits = limitsWithin(budget, this.#settings.timeouts.operationMs)
    const entries = await this.#connection
      .search(base, options, limits)
      .catch((error) => this.#explain(error instanceof SearchRefused ? searchFailure(this.server, base, error) : error))
    return entries.map((entry) => new DirectoryEntry(entry))
  }

  /** Says goodbye and closes. */
  close(): void {
    this.#connection.close()
  }

  #explain(error: unknown): never {
    throw error instanceof WireError && !isAborted(error) ? operationFailure(this.server, error) : error
  }
}

const isAborted = (error: unknown): boolean => error instanceof WireError && error.fault === 'aborted'
