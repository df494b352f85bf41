import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { OPERATION, readAnswer, readEnvelope, sizeOfMessage } from './answer.ts'
import { TAG, writeElement } from './ber.ts'
import { WireError } from './wire-error.ts'

/** Which answers a request may have; the last one ends it. */
const ANSWERS: ReadonlyMap<number, readonly number[]> = new Map([
  [OPERATION.bindRequest, [OPERATION.bindResponse]],
  [OPERATION.searchRequest, [OPERATION.searchEntry, OPERATION.searchReference, OPERATION.searchDone]],
])
/** How long a goodbye may take, in milliseconds. */
const GOODBYE_MS = 500
/** It has no answer, so its number does not matter. */
const UNBIND = writeElement(
  TAG.sequence,
  writeElement(TAG.integer, Buffer.from([1])),
  writeElement(OPERATION.unbindRequest),
)

/**
 * Stands between a connected socket and the LDAP client. The client sees nothing but whole, well-formed messages, one
 * at a time, that answer the one request under way; whatever else arrives ends the connection, and so does more for one
 * operation than any honest answer has.
 *
 * It has the part of a socket that the client uses: it is connected, gives `data` and one `close`, and takes `write`,
 * `end` and `destroy`. It gives no `error`: {@link GuardedSocket.reason} says why it ended.
 */
export class GuardedSocket extends EventEmitter<{ data: [message: Buffer]; close: [] }> {
  readonly connecting = false
  readonly readyState = 'open'
  readonly #socket: Socket
  readonly #maxBytes: number
  #maxMessages = 0
  #reason: Error | undefined
  #isEnded = false
  #pending: Buffer[] = []
  #pendingBytes = 0
  #received: { bytes: number; messages: number } = { bytes: 0, messages: 0 }
  /** Of the message that is coming in, once its header is here. */
  #size: number | undefined
  #underWay: { readonly id: number; readonly answers: readonly number[] } | undefined

  /** @param maxBytes How much one operation may receive. */
  constructor(socket: Socket, maxBytes: number) {
    super()
    this.#socket = socket
    this.#maxBytes = maxBytes
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.once('error', (error) => this.destroy(error))
    socket.once('close', () => {
      if (!this.#isEnded) this.destroy(new WireError('lost', 'the connection was closed'))
    })
  }

  /** Why it ended, unless it was we who closed it. */
  get reason(): Error | undefined {
    return this.#reason
  }

  /** Starts to count anew what is received. Nothing may be received before the first call. */
  beginOperation(maxMessages: number): void {
    this.#received = { bytes: 0, messages: 0 }
    this.#maxMessages = maxMessages
  }

  /** Sends one whole request. */
  write(request: Buffer, done?: () => void): boolean {
    if (this.#isEnded) return false
    const { id, operation } = readEnvelope(request)
    const answers = ANSWERS.get(operation)
    this.#underWay = answers && { id, answers }
    return this.#socket.write(request, done)
  }

  /** Says goodbye, and closes as soon as that is sent or half a second is over. */
  goodbye(): void {
    if (this.#isEnded) return
    const giveUp = setTimeout(() => this.#socket.destroy(), GOODBYE_MS)
    this.#socket.once('close', () => clearTimeout(giveUp))
    this.#socket.write(UNBIND, () => this.#socket.destroy())
    this.#end()
  }

  /** The client calls it before `destroy`; there is nothing to do. */
  end(): void {}

  /** Closes at once. */
  destroy(reason?: Error): void {
    this.#socket.destroy()
    if (this.#isEnded) return
    this.#reason = reason
    this.#end()
  }

  #end(): void {
    this.#isEnded = true
    this.#pending = []
    process.nextTick(() => this.emit('close'))
  }

  #receive(chunk: Buffer): void {
    if (this.#isEnded) return
    try {
      this.#received.bytes += chunk.length
      if (this.#received.bytes > this.#maxBytes) throw tooMuch(`more than ${this.#maxBytes} bytes`)
      this.#pending.push(chunk)
      this.#pendingBytes += chunk.length
      for (let message = this.#takeMessage(); message !== undefined; message = this.#takeMessage()) {
        this.#check(message)
        this.#received.messages += 1
        if (this.#received.messages > this.#maxMessages) throw tooMuch(`more than ${this.#maxMessages} messages`)
        this.emit('data', message)
      }
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** The next whole message, or `undefined`. Chunks are joined twice for each message, not once for each chunk. */
  #takeMessage(): Buffer | undefined {
    if (this.#pendingBytes === 0) return undefined
    this.#size ??= sizeOfMessage(this.#join())
    if (this.#size === undefined) return undefined
    if (this.#size > this.#maxBytes) throw tooMuch(`a message of ${this.#size} bytes`)
    if (this.#size > this.#pendingBytes) return undefined
    const all = this.#join()
    const message = all.subarray(0, this.#size)
    this.#pending = [all.subarray(this.#size)]
    this.#pendingBytes -= this.#size
    this.#size = undefined
    return message
  }

  #join(): Buffer {
    const [first, ...more] = this.#pending
    const joined = first !== undefined && more.length === 0 ? first : Buffer.concat(this.#pending)
    this.#pending = [joined]
    return joined
  }

  #check(message: Buffer): void {
    const { id, operation, diagnostic } = readAnswer(message)
    if (id === 0 && operation === OPERATION.extendedResponse) {
      throw new WireError('lost', `the directory ended the connection: ${diagnostic || 'it does not say why'}`)
    }
    const { id: expected, answers = [] } = this.#underWay ?? {}
    if (id !== expected) throw new WireError('malformed', 'the directory answered what was not asked')
    if (!answers.includes(operation)) throw new WireError('malformed', 'the directory answered something else')
    if (operation === answers.at(-1)) this.#underWay = undefined
  }
}

const tooMuch = (what: string): WireError => new WireError('flood', `the directory sent ${what} for one question`)
