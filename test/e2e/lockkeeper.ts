import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execute, type Finished } from '../servers/command.ts'
import { freePort } from '../servers/free-port.ts'
import { type RunningServer, runServer } from '../servers/run-server.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url))

/** The password of the first administrator of every server of {@link startLockkeeper}. */
export const ADMIN = { username: 'admin', password: 'Correct-Horse-7' }

/** A server of our own, as a person runs it: a process, a data folder and a command line. */
export interface LockkeeperServer extends RunningServer {
  /** `127.0.0.1:port`. */
  readonly host: string
  /** What clients reach it by; with a name, since crane sends no credentials to a realm on 127.0.0.1. */
  readonly url: string
  /** Runs one command on the same data folder. */
  run(words: readonly string[], input?: string): Promise<Finished>
  /** Adds a person with a password. */
  addUser(username: string, password: string): Promise<void>
}

/** Runs `lockkeeper` to its end. */
export const runLockkeeper = (
  words: readonly string[],
  { env, ...options }: { cwd?: string; input?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> =>
  execute(process.execPath, [MAIN, ...words], {
    ...options,
    env: { PATH: process.env.PATH, ...env },
  })

/**
 * Starts `lockkeeper serve` on a data folder of its own.
 *
 * @param configuration Lines of YAML besides `listen` and `externalUrl`.
 * @param readyPath Answers 200 when the start is over; `/healthz` for a server whose database is down.
 * @param givenPort From `freePort()`, for callers that have to know it before the start.
 */
export async function startLockkeeper(
  configuration = '',
  readyPath = '/readyz',
  givenPort?: number,
): Promise<LockkeeperServer> {
  const folder = await temporaryFolder()
  const port = givenPort ?? (await freePort())
  const host = `127.0.0.1:${port}`
  const url = `http://localhost:${port}`
  const file = join(folder.path, 'lockkeeper.yaml')
  await writeFile(file, `listen: ${host}\nexternalUrl: ${url}\n${configuration}`)
  const place = ['--config', file, '--data', join(folder.path, 'data')]
  const env = { LOCKKEEPER_ADMIN_PASSWORD: ADMIN.password }
  const server = await runServer({
    name: 'lockkeeper',
    command: process.execPath,
    args: [MAIN, 'serve', ...place],
    folder,
    env,
    async probe() {
      const { status } = await fetch(`http://${host}${readyPath}`, { signal: AbortSignal.timeout(2_000) })
      if (status !== 200) throw new Error(`${readyPath} answered ${status}`)
    },
  })
  const run: LockkeeperServer['run'] = (words, input = '') =>
    runLockkeeper([...words, ...place], { input, cwd: folder.path })
  return {
    ...server,
    host,
    url,
    run,
    async addUser(username, password) {
      const added = await run(['user', 'add', username, '--password-stdin'], password)
      if (added.code !== 0) throw new Error(added.stderr)
    },
  }
}
