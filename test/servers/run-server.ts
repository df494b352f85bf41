import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Account } from './account.ts'
import { freezeProcessesIn, processesIn, signalProcessesIn } from './processes-in.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** A server program and how to tell that it answers. */
export interface ServerProgram {
  /** For messages: `PostgreSQL`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Its working directory and everything it writes; removed by `stop`. */
  readonly folder: TemporaryFolder
  readonly account?: Account | undefined
  readonly env?: Readonly<Record<string, string>>
  /** Asks for an orderly end; SIGTERM unless said. */
  readonly stopSignal?: NodeJS.Signals
  /** How long an orderly end may take before the server is killed; 10 000 unless said. */
  readonly stopWithinMs?: number
  /** How long the first answer may take; 30 000 unless said. */
  readonly readyWithinMs?: number
  /** One real request of the server's protocol; throws until it is answered. Has to end by itself within seconds. */
  probe(): Promise<unknown>
}

/** What can be done to a running server. The port stays the same through `kill` and `restart`. */
export interface RunningServer {
  /** Its working directory, which holds everything it writes. */
  readonly folder: string
  /** The latest output, at most 256 KiB of it. */
  log(): string
  /** Freezes it: connections stay open and nothing answers. */
  pause(): void
  /** Ends a pause. */
  resume(): void
  /** Ends it as a crash would; its data stay for `restart`. */
  kill(): Promise<void>
  /** Starts it again on the data that it left; a running server is first ended in good order. */
  restart(): Promise<void>
  /** Ends it in good order and removes its folder. May be called twice. */
  stop(): Promise<void>
}

const VANISHED_WITHIN_MS = 2_000
const POLL_MS = 20
const LONGEST_LOG = 256 * 1024

/** Starts a server and waits until it answers. When it does not, nothing is left behind and the error shows its log. */
export async function runServer(program: ServerProgram): Promise<RunningServer> {
  const { folder } = program
  let child: ChildProcess | undefined
  let log = ''

  async function start(): Promise<void> {
    child = launch(program, (text) => {
      log = (log + text).slice(-LONGEST_LOG)
    })
    await answering(program, child, () => log)
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child !== undefined && isAlive(child)) {
      const ended = once(child, 'exit')
      child.kill(signal)
      signalProcessesIn(folder.path, 'SIGCONT')
      await Promise.race([ended, delay(program.stopWithinMs ?? 10_000, undefined, { ref: false })])
      if (isAlive(child)) signalProcessesIn(folder.path, 'SIGKILL')
    }
    await vanished(program.name, folder.path)
  }

  const server: RunningServer = {
    folder: folder.path,
    log: () => log,
    pause() {
      // The parent first: once it stands still it makes no more children.
      child?.kill('SIGSTOP')
      freezeProcessesIn(folder.path)
    },
    resume: () => signalProcessesIn(folder.path, 'SIGCONT'),
    async kill() {
      signalProcessesIn(folder.path, 'SIGKILL')
      await end('SIGKILL')
    },
    async restart() {
      await end(program.stopSignal ?? 'SIGTERM')
      await start()
    },
    async stop() {
      await end(program.stopSignal ?? 'SIGTERM')
      await folder.remove()
    },
  }

  try {
    await start()
  } catch (error) {
    await server.kill()
    await folder.remove()
    throw error
  }
  return server
}

function launch(program: ServerProgram, hear: (text: string) => void): ChildProcess {
  const { name, command, args, folder, account, env } = program
  // A small environment: variables such as PGHOST or REGISTRY_AUTH of the person at the keyboard would change the server.
  const child = spawn(command, args, {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, LC_ALL: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in the terminal is for the tests; they end the server.
    detached: true,
    ...account,
  })
  child.once('error', (error) => hear(`${name} cannot be started: ${error.message}\n`))
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
  return child
}

async function answering(program: ServerProgram, child: ChildProcess, log: () => string): Promise<void> {
  const readyWithinMs = program.readyWithinMs ?? 30_000
  const giveUpAt = performance.now() + readyWithinMs
  let reason: unknown
  while (performance.now() < giveUpAt && isAlive(child)) {
    try {
      await program.probe()
      return
    } catch (error) {
      reason = error
      await delay(POLL_MS)
    }
  }
  // The last words of a program that just ended may still be in the pipe.
  await delay(POLL_MS)
  const end = child.exitCode ?? child.signalCode ?? 'no process at all'
  const what = isAlive(child) ? `does not answer after ${readyWithinMs} ms` : `ended with ${end}`
  throw new Error(`${program.name} ${what}. The end of its log:\n${log().slice(-4000)}`, { cause: reason })
}

const isAlive = (child: ChildProcess): boolean =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null

/** Children may outlive their parent a little; what is still there after the wait is killed. */
async function vanished(name: string, folder: string): Promise<void> {
  for (const signal of ['SIGCONT', 'SIGKILL'] as const) {
    signalProcessesIn(folder, signal)
    for (let waited = 0; waited < VANISHED_WITHIN_MS; waited += POLL_MS) {
      if (processesIn(folder).length === 0) return
      await delay(POLL_MS)
    }
  }
  throw new Error(`${name} left processes behind: ${processesIn(folder).join(', ')}`)
}
