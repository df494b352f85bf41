import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { type Certificates, makeCertificates } from '../../../test/servers/certificates.ts'
import { temporaryFolder } from '../../../test/servers/temporary-folder.ts'
import { OPERATION } from '../src/wire/answer.ts'
import { readElements, readInteger, sizeOfFirst, TAG, writeElement } from '../src/wire/ber.ts'

/** A request as it came in. */
export interface StubRequest {
  readonly id: number
  readonly operation: number
  /** Name and password of a bind. */
  readonly name: string
  readonly password: string
  /** `simple`, or the tag of what else was chosen. */
  readonly method: string
  /** Base and scope (0, 1, 2) of a search, and its filter as it was encoded. */
  readonly base: string
  readonly scope: number
  readonly filter: Buffer
  /** How many requests came before it on this connection. */
  readonly position: number
  /** How many connections came before this one. */
  readonly connection: number
}

/** What a directory does with a request. It may answer, or do anything else to the socket. */
export type StubHandler = (request: StubRequest, socket: Socket) => void

/** A directory made of a handler: it does on the wire what no honest directory does. */
export interface StubDirectory {
  readonly url: string
  readonly port: number
  /** Everything that arrived before TLS, or without it, one buffer for each connection. */
  readonly clear: readonly Buffer[]
  readonly requests: readonly StubRequest[]
  /** Sockets that are open now. */
  readonly open: number
  close(): Promise<void>
}

export interface StubOptions {
  readonly tls?: Certificates
  /** Answers StartTLS in this way instead of agreeing; bytes beyond an answer belong to it. */
  readonly onStartTls?: (id: number, socket: Socket) => void
  /** What somebody on the way adds to the agreement, before an honest handshake. */
  readonly injected?: Buffer
  /** Called for every new connection, before anything came. */
  readonly onConnection?: (socket: Socket) => void
}

/** Certificates for 127.0.0.1 in a folder of their own. */
export async function certificates(names?: readonly string[]): Promise<Certificates> {
  const folder = await temporaryFolder()
  return await makeCertificates(folder.path, names)
}

export async function startStub(handler: StubHandler, options: StubOptions = {}): Promise<StubDirectory> {
  const clear: Buffer[] = []
  const requests: StubRequest[] = []
  const sockets = new Set<Socket>()
  // Without it a stub's second write waits 40 ms for the first to be acknowledged.
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = clear.push(Buffer.alloc(0)) - 1
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).on('error', () => {})
    options.onConnection?.(socket)
    socket.on('data', (chunk) => {
      clear[connection] = Buffer.concat([clear[connection] ?? Buffer.alloc(0), chunk])
    })
    listen(socket, { connection, requests, handler, options })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `ldap://127.0.0.1:${port}`,
    port,
    clear,
    requests,
    get open() {
      return sockets.size
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function listen(
  socket: Socket,
  parts: { connection: number; requests: StubRequest[]; handler: StubHandler; options: StubOptions },
): void {
  const { connection, requests, handler, options } = parts
  let pending = Buffer.alloc(0)
  let position = 0
  const onData = (chunk: Buffer): void => {
    pending = Buffer.concat([pending, chunk])
    for (let size = sizeOfFirst(pending); size !== undefined && size <= pending.length; size = sizeOfFirst(pending)) {
      const request = readRequest(pending.subarray(0, size), connection, position++)
      pending = pending.subarray(size)
      requests.push(request)
      if (request.operation !== OPERATION.extendedRequest) handler(request, socket)
      else if (options.onStartTls) options.onStartTls(request.id, socket.off('data', onData))
      else socket.off('data', onData).write(agreement(request.id, options), () => upgrade(socket, parts))
    }
  }
  socket.on('data', onData)
}

const agreement = (id: number, { injected = Buffer.alloc(0) }: StubOptions): Buffer =>
  Buffer.concat([result(id, OPERATION.extendedResponse, 0), injected])

function upgrade(plain: Socket, parts: Parameters<typeof listen>[1]): void {
  const { tls } = parts.options
  if (tls === undefined) throw new Error('a stub that agrees to StartTLS needs certificates')
  plain.removeAllListeners('data')
  const secure = new TLSSocket(plain, {
    isServer: true,
    key: readFileSync(tls.key),
    cert: readFileSync(tls.certificate),
  })
  secure.on('error', () => {})
  listen(secure, parts)
}

function readRequest(message: Buffer, connection: number, position: number): StubRequest {
  const [envelope] = readElements(message)
  const [id, operation] = readElements(envelope?.content ?? Buffer.alloc(0))
  const common = {
    id: readInteger(id?.content ?? Buffer.alloc(0)),
    operation: operation?.tag ?? 0,
    connection,
    position,
  }
  const nothing = { name: '', password: '', method: '', base: '', scope: -1, filter: Buffer.alloc(0) }
  const parts = [OPERATION.unbindRequest, OPERATION.extendedRequest].some((one) => one === common.operation)
    ? []
    : readElements(operation?.content ?? Buffer.alloc(0))
  if (common.operation === OPERATION.bindRequest) {
    const [, name, choice] = parts
    const method = choice?.tag === 0x80 ? 'simple' : `0x${choice?.tag.toString(16)}`
    return { ...nothing, ...common, name: String(name?.content), password: String(choice?.content), method }
  }
  if (common.operation === OPERATION.searchRequest) {
    const [base, scope, , , , , filter] = parts
    return {
      ...nothing,
      ...common,
      base: String(base?.content),
      scope: scope?.content[0] ?? -1,
      filter: filter?.content ?? nothing.filter,
    }
  }
  return { ...nothing, ...common }
}

const octets = (text: string | Buffer, tag: number = TAG.octets): Buffer => writeElement(tag, Buffer.from(text))

/** A whole message around an operation. */
export const message = (id: number, operation: Buffer, ...controls: readonly Buffer[]): Buffer =>
  writeElement(TAG.sequence, writeElement(TAG.integer, Buffer.from([id])), operation, ...controls)

/** A result message: bind response, end of a search, extended response. */
export const result = (id: number, operation: number, code: number, diagnostic = ''): Buffer =>
  message(
    id,
    writeElement(operation, writeElement(TAG.enumerated, Buffer.from([code])), octets(''), octets(diagnostic)),
  )

/** One entry that a search found. */
export function entry(
  id: number,
  dn: string,
  attributes: Readonly<Record<string, readonly (string | Buffer)[]>>,
): Buffer {
  const list = Object.entries(attributes).map(([name, values]) =>
    writeElement(TAG.sequence, octets(name), writeElement(TAG.set, ...values.map((value) => octets(value)))),
  )
  return message(id, writeElement(OPERATION.searchEntry, octets(dn), writeElement(TAG.sequence, ...list)))
}

/** A reference to another server. */
export const reference = (id: number, url: string): Buffer =>
  message(id, writeElement(OPERATION.searchReference, octets(url)))

export const BASE = 'dc=example,dc=test'
export const READER = { bindDn: `cn=reader,${BASE}`, bindPassword: 'reader-secret' }
export const JANE = `uid=jane,ou=people,${BASE}`

/** An honest directory with one person. */
export const oneJane: StubHandler = (request, socket) => {
  const { id, operation, name, password, filter } = request
  if (operation === OPERATION.bindRequest) {
    const isRight =
      name === READER.bindDn ? password === READER.bindPassword : name === JANE && password === 'jane-secret'
    socket.write(result(id, OPERATION.bindResponse, isRight ? 0 : 49))
  }
  if (operation !== OPERATION.searchRequest) return
  // Her name, or "has a name".
  if (filter.subarray(-4).toString() === 'jane' || filter.toString() === 'uid') {
    socket.write(
      entry(id, JANE, { uid: ['jane'], cn: ['Jane Doe'], entryUUID: ['6e204404-7a2c-1041-8886-599fc6ca16f6'] }),
    )
  }
  socket.write(result(id, OPERATION.searchDone, 0))
}
