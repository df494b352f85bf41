import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Connections } from './connections.ts'
import type { ServeLimits } from './limits.ts'

/** What {@link stopGently} works on. */
export interface StopParts {
  readonly server: Server
  readonly connections: Connections
  /** Aborted first, which sends held answers on their way. */
  readonly stopping: AbortController
  /** Ends all waiting. */
  readonly force: AbortSignal
  readonly limits: Pick<ServeLimits, 'lingerMs' | 'graceMs'>
}

/** Stops a server so that no answer is cut off that a client could still be waiting for, and no connection is left. */
export async function stopGently({ server, connections, stopping, force, limits }: StopParts): Promise<void> {
  const { lingerMs, graceMs } = limits
  stopping.abort()
  await pause(lingerMs, force)
  await takeWaiting(server)
  const closed = new Promise((resolve) => server.once('close', resolve))
  // A client may be sending its next request just now. It still gets an answer, and is told that it was the last one;
  // the `close` of an HTTP server would cut it off at once.
  NetServer.prototype.close.call(server)
  await Promise.race([closed, pause(lingerMs, force)])
  await takeWaiting(server)
  server.close()
  connections.closeIdle()
  await Promise.race([closed, pause(graceMs, force)])
  server.closeAllConnections()
  await closed
}

/**
 * Lets the event loop turn until it has seen all that the system has taken for it: a connection at each turn, and what was
 * sent on those it knows. Otherwise a connection that waits to be accepted would be reset together with the listening, and
 * one whose request waits to be read would look idle.
 */
async function takeWaiting(server: Server): Promise<void> {
  let accepted = 0
  const count = () => {
    accepted++
  }
  server.on('connection', count)
  for (let turn = 0, quiet = 0; turn < 10_000 && quiet < 3; turn++) {
    const before = accepted
    await nextTurn()
    quiet = accepted === before ? quiet + 1 : 0
  }
  server.off('connection', count)
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => {})
