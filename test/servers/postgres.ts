import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceAccount } from './account.ts'
import { execute, executeOrThrow } from './command.ts'
import { freePort } from './free-port.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A PostgreSQL of one's own; people log in as superuser `test` with password `test`. */
export interface PostgresServer extends RunningServer {
  readonly port: number
  /** A fresh, empty database. */
  createDatabase(): Promise<{ readonly name: string; readonly url: string }>
  /** Runs SQL in a database and returns unaligned rows, `a|b`, one a line. */
  sql(database: string, text: string): Promise<string>
}

const NEW_CLUSTER = '-U test --auth-local=trust --auth-host=scram-sha-256 --no-sync --locale=C.UTF-8 -E UTF8'.split(' ')
const BARE_ROWS = '-X -A -t -q -v ON_ERROR_STOP=1'.split(' ')

/** What is committed survives `kill`, not a power cut. mmap keeps shared memory inside the folder. */
const SETTINGS = [
  'fsync=off',
  'full_page_writes=off',
  'dynamic_shared_memory_type=mmap',
  'shared_buffers=16MB',
  'max_connections=100',
  'listen_addresses=127.0.0.1',
]

/** Starts a PostgreSQL, in about a second. As root it runs under the account `postgres`. */
export async function startPostgres(): Promise<PostgresServer> {
  const account = serviceAccount('postgres')
  const command = locate('postgres')
  const folder = await temporaryFolder(account)
  const data = join(folder.path, 'data')
  const port = await freePort()
  const password = join(folder.path, 'password')
  await writeFile(password, 'test\n', { mode: 0o644 })
  await executeOrThrow(locate('postgres', 'initdb'), ['-D', data, `--pwfile=${password}`, ...NEW_CLUSTER], {
    account,
    cwd: folder.path,
  })

  const psql = (database: string, text: string): Promise<string> =>
    executeOrThrow(
      locate('postgres', 'psql'),
      [...BARE_ROWS, '-h', folder.path, '-p', `${port}`, '-U', 'test', '-d', database],
      { input: text, cwd: folder.path, timeoutMs: 10_000 },
    )

  const server = await runServer({
    name: 'PostgreSQL',
    command,
    args: ['-D', data, '-p', `${port}`, '-k', folder.path, ...SETTINGS.flatMap((setting) => ['-c', setting])],
    folder,
    account,
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    probe: () => psql('postgres', 'select 1'),
  })

  let databases = 0
  return {
    ...server,
    port,
    sql: psql,
    async createDatabase() {
      databases += 1
      const name = `test_${databases}`
      await psql('postgres', `create database ${name}`)
      return { name, url: `postgres://test:test@127.0.0.1:${port}/${name}` }
    },
    async kill() {
      const segment = await sharedMemory(data)
      await server.kill()
      if (segment !== undefined) await execute('ipcrm', ['-m', segment])
    },
  }
}

/** A killed PostgreSQL leaves a few bytes of System V shared memory; its id is in line 7 of the pid file. */
async function sharedMemory(data: string): Promise<string | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return lines[6]?.trim().split(/\s+/)[1]
}
