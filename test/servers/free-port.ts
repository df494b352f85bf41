import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { claim } from './claim.ts'

/** Below the range that the kernel takes client ports from, so that no outgoing connection sits on it at a restart. */
const LOWEST = 12_000
const HIGHEST = 30_000
const TRIES = 100

/** A loopback port that nobody listens on. It is this process's own until the process ends: no other test run gets it. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST)
    const held = await claim(`port-${port}`)
    if (held === undefined) continue
    if (await canListen(port)) return port
    await held.release()
  }
  throw new Error(`found no free loopback port between ${LOWEST} and ${HIGHEST} in ${TRIES} tries`)
}

function canListen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return promise
}
