import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from './free-port.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A Redis of one's own, without a password. */
export interface RedisServer extends RunningServer {
  readonly port: number
  readonly url: string
  /** Sends one inline command, such as `PING`, and returns the first packet of the raw answer, `+PONG\r\n`. */
  send(command: string): Promise<string>
}

/** Starts a Redis that keeps everything in memory: after `kill` and `restart`, and after `restart` alone, it is empty. */
export async function startRedis(): Promise<RedisServer> {
  const command = locate('redis')
  const folder = await temporaryFolder()
  const port = await freePort()
  const send = (text: string): Promise<string> => sendTo(port, text)
  const server = await runServer({
    name: 'Redis',
    command,
    args: ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder.path, '--save', '', '--appendonly', 'no'],
    folder,
    async probe() {
      const answer = await send('PING')
      if (answer !== '+PONG\r\n') throw new Error(`answered ${answer}`)
    },
  })
  return { ...server, port, url: `redis://127.0.0.1:${port}`, send }
}

async function sendTo(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.write(`${command}\r\n`)
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })
    return String(answer)
  } finally {
    socket.destroy()
  }
}
