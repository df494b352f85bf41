import type { Socket } from 'node:net'
import { Client, type Entry, ResultCodeError, type SearchOptions } from 'ldapts'
import type { Limits } from '../budget.ts'
import { type BindAnswer, encodeBind, readBindAnswer } from './bind.ts'
import { GuardedSocket } from './guarded-socket.ts'
import { WireError } from './wire-error.ts'

/** The directory answered a search with something else than success. */
export class SearchRefused extends Error {
  readonly resultCode: number

  constructor(resultCode: number, diagnostic: string) {
    super(`search refused with code ${resultCode}: ${diagnostic}`)
    this.name = 'SearchRefused'
    this.resultCode = resultCode
  }
}

/** How much one operation may receive, in bytes: a person in ten thousand groups, each with a long name. */
const MAX_BYTES = 4 * 1024 * 1024
/** How many entries all pages of a search may have. */
const MAX_ENTRIES = 12_000
/** How many references to other servers may come with the entries. */
const MAX_REFERENCES = 100
/** Shared, since every connection ends with it in good order, and an error of its own would cost more than the rest. */
const CLOSED = new WireError('lost', 'the connection was closed here')
/** A simple bind names a DN, or what Active Directory takes instead: `user@domain`, `DOMAIN\user`. */
const BIND_NAME = /[=@\\]/

/**
 * One connection, made of a socket that is connected already. It does one operation at a time, ends with the first thing
 * that goes wrong, and is never opened again.
 */
export class Connection {
  readonly #guard: GuardedSocket
  readonly #onEnd = new Set<() => void>()
  /** Made when something is searched: a connection that verifies a password needs none. */
  #searcher: Client | undefined
  #ended: WireError | undefined
  #failOperation: ((error: WireError) => void) | undefined

  constructor(socket: Socket) {
    this.#guard = new GuardedSocket(socket, MAX_BYTES)
    this.#guard.once('close', () => {
      if (this.isOpen) this.#end(this.#reason(undefined))
    })
  }

  /** Whether it can be used. */
  get isOpen(): boolean {
    return this.#ended === undefined
  }

  /** Calls back once when the connection ends, whoever ends it. */
  onEnd(callback: () => void): void {
    if (this.isOpen) this.#onEnd.add(callback)
    else callback()
  }

  /**
   * One simple bind.
   *
   * @throws {TypeError} for an empty password, which a directory may take for "nobody in particular" and accept, and for
   * a name of no kind that a simple bind has.
   * @throws {WireError} when no answer came that can be believed.
   * @see {@link https://www.rfc-editor.org/rfc/rfc4513#section-5.1.2 | RFC 4513 section 5.1.2}
   */
  async bind(name: string, password: string, limits: Limits): Promise<BindAnswer> {
    if (password === '') throw new TypeError('an empty password must not reach a directory')
    if (!BIND_NAME.test(name)) throw new TypeError('a bind name must be a DN, user@domain or DOMAIN\\user')
    return await this.#operate(limits, 1, () => {
      const { promise, resolve } = Promise.withResolvers<BindAnswer>()
      this.#guard.once('data', (message) => resolve(readBindAnswer(message)))
      this.#guard.write(encodeBind(name, password))
      return promise
    })
  }

  /**
   * One search; referrals are dropped, aliases stay aliases.
   *
   * @throws {SearchRefused} with the directory's code.
   * @throws {WireError} when no answer came that can be believed.
   */
  async search(base: string, options: SearchOptions, limits: Limits): Promise<readonly Entry[]> {
    const timeLimit = Math.max(1, Math.ceil(limits.timeoutMs / 1000))
    // Each page ends with a message of its own.
    const most = (options.sizeLimit ?? MAX_ENTRIES) + MAX_REFERENCES
    const found = await this.#operate(limits, most, async () => {
      try {
        const { searchEntries } = await this.#client().search(base, { ...options, timeLimit, derefAliases: 'never' })
        return searchEntries
      } catch (error) {
        if (error instanceof ResultCodeError) return new SearchRefused(error.code, error.message)
        throw error
      }
    })
    if (found instanceof SearchRefused) throw found
    return found
  }

  /** Says goodbye and closes, now or within half a second. */
  close(): void {
    if (!this.isOpen) return
    this.#end(CLOSED)
    this.#guard.goodbye()
  }

  #client(): Client {
    if (this.#searcher !== undefined) return this.#searcher
    let handedOut = false
    const handOut = (): GuardedSocket => {
      // The client would connect again by itself, without TLS.
      if (handedOut) throw new WireError('lost', 'the connection ended')
      handedOut = true
      return this.#guard
    }
    // The cast: of a socket the client uses what GuardedSocket has.
    this.#searcher = new Client({ url: 'ldap://guarded.invalid', createConnection: handOut as never })
    return this.#searcher
  }

  /** @param maxMessages How many messages may answer it. */
  async #operate<T>(limits: Limits, maxMessages: number, work: () => Promise<T>): Promise<T> {
    if (this.#ended !== undefined) throw this.#ended
    if (this.#failOperation !== undefined) throw new TypeError('a connection does one operation at a time')
    const late = (): void =>
      this.#destroy(new WireError(limits.whenLate, `no answer within ${Math.round(limits.timeoutMs)} ms`))
    const abort = (): void =>
      this.#destroy(new WireError('aborted', 'the time budget ended while waiting for an answer'))
    const timer = setTimeout(late, limits.timeoutMs)
    limits.signal.addEventListener('abort', abort, { once: true })
    try {
      this.#guard.beginOperation(maxMessages)
      // Not Promise.race with one long-lived promise: a pooled connection would gather a reaction for every operation.
      return await new Promise<T>((resolve, reject) => {
        this.#failOperation = reject
        if (limits.signal.aborted) return abort()
        work().then(resolve, reject)
      })
    } catch (error) {
      const reason = this.#reason(error)
      this.#destroy(reason)
      throw reason
    } finally {
      this.#failOperation = undefined
      clearTimeout(timer)
      limits.signal.removeEventListener('abort', abort)
    }
  }

  #destroy(error: WireError): void {
    this.#end(error)
    this.#guard.destroy(error)
  }

  #end(error: WireError): void {
    if (this.#ended !== undefined) return
    this.#ended = error
    this.#failOperation?.(error)
    for (const callback of this.#onEnd) callback()
    this.#onEnd.clear()
  }

  /** Why it ended: what the guard saw is nearer to the cause than what the client made of it. */
  #reason(error: unknown): WireError {
    for (const candidate of [this.#ended, error, this.#guard.reason]) {
      if (candidate instanceof WireError) return candidate
    }
    const cause = this.#guard.reason ?? error
    return new WireError('lost', 'the connection was lost', { cause })
  }
}
