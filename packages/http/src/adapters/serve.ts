import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { RequestError } from '../request-error.ts'
import { REQUEST_LIMITS } from '../request-limits.ts'
import type { Handler } from '../route.ts'
import { type AdapterOptions, refusalResponse } from './answer.ts'
import { type Connections, watchConnections } from './connections.ts'
import { exchange } from './exchange.ts'
import { readLimits, type ServeLimits } from './limits.ts'
import { formatListenAddress, type ListenAddress, listenProblem, parseListenAddress } from './listen-address.ts'
import { sendResponse } from './outgoing.ts'
import { refuseConnect, refuseParsed } from './raw-refusal.ts'
import { stopGently } from './stop.ts'

/** Options of {@link serve}. */
export interface ServeOptions extends AdapterOptions {
  /** Address and port: `127.0.0.1:8080`, `[::1]:8080`; port 0 lets the system choose. */
  readonly listen: string
  readonly limits?: Partial<ServeLimits>
  /** Exempt from the cap of connections per source; the same list that the handler has. */
  readonly trustedProxies?: readonly string[]
  /** Aborted when the server begins to stop: give its signal to the chain and to the health endpoint. */
  readonly stopping?: AbortController
}

/** A server that listens. */
export interface RunningServer {
  readonly address: ListenAddress
  /** `http://` and the address. */
  readonly url: string
  /**
   * Stops: held answers leave at once, requests under way end, then everything is closed. A second call cuts what is
   * left. Resolves when nothing listens and no connection is open.
   */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves a handler on `node:http`, with a limit on everything a client could hold on to.
 *
 * @throws {ConfigurationError} when the address or a limit cannot be used, or the port is taken.
 */
export async function serve(handler: Handler, options: ServeOptions): Promise<RunningServer> {
  const limits = readLimits(options.limits ?? {})
  const wanted = parseListenAddress(options.listen)
  const stopping = options.stopping ?? new AbortController()
  const server = makeServer(limits)
  const connections = watchConnections(server, limits, options.trustedProxies ?? [])
  answerRequests(server, connections, handler, options)
  const address = await listen(server, wanted)
  // Without a listener, a connection that the system could not hand over would end the process.
  server.on('error', (error) => void refusalResponse(error, options))

  const force = new AbortController()
  let stopped: Promise<void> | undefined
  const stop = (): Promise<void> => {
    if (stopped !== undefined) force.abort()
    stopped ??= stopGently({ server, connections, stopping, force: force.signal, limits })
    return stopped
  }
  const url = `http://${formatListenAddress(address)}`
  return { address, url, stop, [Symbol.asyncDispose]: () => stopped ?? stop() }
}

function makeServer(limits: ServeLimits): Server {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: REQUEST_LIMITS.headerBytes,
    insecureHTTPParser: false,
    // A missing Host is refused with the others, and like them.
    requireHostHeader: false,
  })
  // Node 22 drops what is beyond this without a word, so it has to see one more than is allowed.
  server.maxHeadersCount = REQUEST_LIMITS.headerCount + 1
  server.maxConnections = limits.maxConnections
  server.timeout = limits.idleTimeoutMs
  return server
}

function answerRequests(server: Server, connections: Connections, handler: Handler, options: AdapterOptions): void {
  server.on('request', (message, outgoing) => {
    if (!connections.begin(message, outgoing)) return
    void exchange(handler, message, outgoing, { ...options, isLast: () => !server.listening })
  })
  server.on('checkExpectation', (message, outgoing) => {
    if (!connections.begin(message, outgoing)) return
    sendResponse(refusalResponse(unmetExpectation(), options), message, outgoing, { close: true }).catch(() =>
      outgoing.destroy(),
    )
  })
  server.on('connect', (_message, socket) => void refuseConnect(socket, options))
  server.on('clientError', (error, socket) => {
    // Bytes written into an answer that is on its way would be read as part of it.
    if (connections.current(socket)?.headersSent) socket.destroy()
    else void refuseParsed(error, socket, options)
  })
}

async function listen(server: Server, wanted: ListenAddress): Promise<ListenAddress> {
  server.listen(wanted)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenProblem(wanted, error)
  }
  const bound = server.address()
  return bound === null || typeof bound === 'string' ? wanted : { host: bound.address, port: bound.port }
}

const unmetExpectation = (): RequestError =>
  new RequestError({
    status: 417,
    code: 'UNSUPPORTED',
    message: 'the only expectation that is met is 100-continue',
    reason: 'unmet_expectation',
  })
