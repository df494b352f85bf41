import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createProxyList, foldAddress, networkOf } from '../source.ts'
import type { ServeLimits } from './limits.ts'

/** The connections of one server, and what is under way on them. */
export interface Connections {
  /** Counts a request in; `false` when its connection has too many waiting, and was cut. */
  begin(message: IncomingMessage, outgoing: ServerResponse): boolean
  /** The answer under way on a socket, if there is one. */
  current(socket: Duplex): ServerResponse | undefined
  /** Cuts the connections on which nothing is under way. */
  closeIdle(): void
}

/**
 * Watches the connections of a server: refuses those beyond the cap of one source, and knows which are busy. Node knows
 * too, but counts a connection that has not sent a byte yet as busy.
 */
export function watchConnections(
  server: Server,
  limits: Pick<ServeLimits, 'maxConnectionsPerSource' | 'maxPipelined'>,
  trustedProxies: readonly string[],
): Connections {
  const isTrusted = createProxyList(trustedProxies)
  const bySource = new Map<string, number>()
  const underWay = new Map<Duplex, Set<ServerResponse>>()

  server.on('connection', (socket: Socket) => {
    const address = foldAddress(socket.remoteAddress ?? '') ?? 'unix'
    const source = networkOf(address)
    const count = (bySource.get(source) ?? 0) + 1
    if (count > limits.maxConnectionsPerSource && !isTrusted(address)) {
      socket.destroy()
      return
    }
    bySource.set(source, count)
    underWay.set(socket, new Set())
    socket.once('close', () => {
      underWay.delete(socket)
      const left = (bySource.get(source) ?? 1) - 1
      if (left > 0) bySource.set(source, left)
      else bySource.delete(source)
    })
  })

  return {
    begin({ socket }, outgoing) {
      const answers = underWay.get(socket)
      if (answers === undefined || answers.size >= limits.maxPipelined) {
        socket.destroy()
        return false
      }
      answers.add(outgoing)
      outgoing.once('close', () => answers.delete(outgoing))
      return true
    },
    current: (socket) => underWay.get(socket)?.values().next().value,
    closeIdle() {
      for (const [socket, answers] of underWay) if (answers.size === 0) socket.destroy()
    },
  }
}
