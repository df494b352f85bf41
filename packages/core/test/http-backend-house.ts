import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { afterEach, beforeEach, vi } from 'vitest'
import { createHttpBackend, type HttpBackend, type HttpBackendOptions } from '../src/index.ts'

const open: { close(): void }[] = []
beforeEach(() => {
  // What is insecure here is meant to be, and would warn hundreds of times.
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
  for (const thing of open.splice(0)) thing.close()
})

/** A server on a free loopback port, closed with all its connections after the test. */
export interface Listening {
  readonly port: number
  /** Connections since the start. */
  readonly connections: number
  /** Connections that are open now. */
  readonly openConnections: number
}

async function listen(server: TcpServer | Server): Promise<Listening> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    get connections() {
      return connections
    },
    get openConnections() {
      return sockets.size
    },
  }
}

export const httpServer = (listener: RequestListener): Promise<Listening> => listen(createServer(listener))

export const tlsServer = (options: ServerOptions, listener: RequestListener): Promise<Listening> =>
  listen(createTlsServer(options, listener).on('tlsClientError', () => {}))

/** A server that says what it likes. */
export const tcpServer = (listener: (socket: Socket) => void): Promise<Listening> => listen(createTcpServer(listener))

/** A backend over plain HTTP on a loopback port, closed after the test. */
export function plainBackend(port: number, options: Partial<HttpBackendOptions> = {}): HttpBackend {
  return backend({ url: `http://127.0.0.1:${port}`, insecureAllowPlaintext: true, ...options })
}

export function backend(options: Partial<HttpBackendOptions> & { readonly url: string }): HttpBackend {
  const made = createHttpBackend({ name: 'uaa_auth', ...options })
  open.push(made)
  return made
}

export const call = { signal: new AbortController().signal }

/** What a failed call was rejected with. */
export async function failure(answer: Promise<unknown>): Promise<Error> {
  try {
    await answer
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('the call did not fail')
}

/** Waits until something that other sockets do has happened. */
export async function until(happened: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 5000
  while (!happened()) {
    if (performance.now() > giveUpAt) throw new Error('it did not happen')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
