import type { LdapNews } from './events.ts'
import { DirectoryFailure } from './failure.ts'
import { addressOf, type Server } from './wire/open-socket.ts'

/** How long a server that failed is left alone, in milliseconds: chance keeps many of us from coming back at once. */
const AWAY_MS = { least: 500, most: 1500 } as const

/** What a {@link ServerList} needs from outside. */
export interface ServerListParts {
  readonly servers: readonly Server[]
  /** Milliseconds that never jump. */
  now(): number
  /** A number from 0 to 1, as `Math.random` gives it. */
  random(): number
  tell(news: LdapNews): void
}

/** Whether a server may be asked. */
interface Health {
  readonly server: Server
  /** Absent while it is up. */
  failure?: DirectoryFailure
  awayUntil: number
  isProbed: boolean
}

/** The servers in order. One that fails is left alone for a moment, then tried by one login, or behind its back. */
export class ServerList {
  readonly #all: readonly Health[]
  readonly #parts: ServerListParts

  constructor(parts: ServerListParts) {
    this.#parts = parts
    this.#all = parts.servers.map((server) => ({ server, awayUntil: 0, isProbed: false }))
  }

  /** The first server that is up, as far as is known. */
  get preferred(): Server | undefined {
    return this.#all.find(({ failure }) => failure === undefined)?.server
  }

  /**
   * Does something with the first server that can: `attempt` throws {@link DirectoryFailure} for one that cannot.
   *
   * @param discard What to do with the result of a probe that nobody waits for.
   * @throws {DirectoryFailure} of the server that was tried last, when none can.
   */
  async first<T>(attempt: (server: Server) => Promise<T>, discard: (result: T) => void): Promise<T> {
    let last: DirectoryFailure | undefined
    for (const [index, health] of this.#all.entries()) {
      if (!this.#mayBeAsked(health)) continue
      if (health.failure !== undefined && this.#all.slice(index + 1).some(({ failure }) => failure === undefined)) {
        // A later server is up: nobody needs to wait for this one to show whether it is back.
        void this.#ask(health, attempt).then(discard, () => {})
        continue
      }
      try {
        return await this.#ask(health, attempt)
      } catch (error) {
        if (!(error instanceof DirectoryFailure)) throw error
        last = error
      }
    }
    throw last ?? this.#known()
  }

  #mayBeAsked({ failure, awayUntil, isProbed }: Health): boolean {
    return failure === undefined || (!isProbed && this.#parts.now() >= awayUntil)
  }

  async #ask<T>(health: Health, attempt: (server: Server) => Promise<T>): Promise<T> {
    health.isProbed = health.failure !== undefined
    try {
      const result = await attempt(health.server)
      this.#markUp(health)
      return result
    } catch (error) {
      if (error instanceof DirectoryFailure) this.#markDown(health, error)
      throw error
    } finally {
      health.isProbed = false
    }
  }

  #markUp(health: Health): void {
    if (health.failure === undefined) return
    delete health.failure
    const server = addressOf(health.server)
    this.#parts.tell({ type: 'server_up', server, message: `${server} answers again` })
  }

  #markDown(health: Health, failure: DirectoryFailure): void {
    const wasUp = health.failure === undefined
    health.failure = failure
    health.awayUntil = this.#parts.now() + AWAY_MS.least + this.#parts.random() * (AWAY_MS.most - AWAY_MS.least)
    const server = addressOf(health.server)
    if (wasUp) this.#parts.tell({ type: 'server_down', server, message: failure.message })
  }

  /** Nobody was tried: why that is so. */
  #known(): DirectoryFailure {
    const failures = this.#all.flatMap(({ failure }) => failure ?? [])
    const message = failures.map((failure) => failure.message).join('; ')
    return new DirectoryFailure('wait', 'url', `${message}; it is tried again within ${AWAY_MS.most} ms`)
  }
}
