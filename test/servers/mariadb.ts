import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceAccount } from './account.ts'
import { executeOrThrow } from './command.ts'
import { freePort } from './free-port.ts'
import { locate } from './requirements.ts'
import { type RunningServer, runServer } from './run-server.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A MariaDB of one's own; people log in as `test` with password `test` and may do everything. */
export interface MariadbServer extends RunningServer {
  readonly port: number
  /** A fresh, empty database. */
  createDatabase(): Promise<{ readonly name: string; readonly url: string }>
  /** Runs SQL in a database and returns rows without a heading, columns separated by tabs. */
  sql(database: string, text: string): Promise<string>
}

const PEOPLE = `
create user if not exists 'test'@'%' identified by 'test';
grant all privileges on *.* to 'test'@'%' with grant option;
`

/** The default of 96 MB would be written at every start. */
const SMALL_LOG = '--innodb-log-file-size=8M'

/** What is committed survives `kill`, not a power cut. */
const SETTINGS = [
  SMALL_LOG,
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-buffer-pool-size=32M',
]

/** Starts a MariaDB, in about a second. As root it runs under the account `mysql`. */
export async function startMariadb(settings: readonly string[] = []): Promise<MariadbServer> {
  const account = serviceAccount('mysql')
  const command = locate('mariadb')
  const folder = await temporaryFolder(account)
  const data = `--datadir=${join(folder.path, 'data')}`
  const [socket, pid] = [join(folder.path, 'socket'), join(folder.path, 'pid')]
  const port = await freePort()
  const people = join(folder.path, 'people.sql')
  await writeFile(people, PEOPLE, { mode: 0o644 })
  const temporary = `--tmpdir=${folder.path}`
  await executeOrThrow(
    locate('mariadb', 'mariadb-install-db'),
    // With a folder of its own: in a shared one, two that start together take each other's temporary tables away.
    ['--no-defaults', data, temporary, '--auth-root-authentication-method=normal', '--skip-test-db', SMALL_LOG],
    { account, cwd: folder.path },
  )

  const query = (database: string, text: string): Promise<string> =>
    executeOrThrow(
      locate('mariadb', 'mariadb'),
      ['--no-defaults', '-N', '-B', '-u', 'root', '-S', socket, '-D', database],
      { input: text, cwd: folder.path, timeoutMs: 10_000 },
    )

  const files = [data, temporary, `--socket=${socket}`, `--pid-file=${pid}`, `--init-file=${people}`]
  const server = await runServer({
    name: 'MariaDB',
    command,
    args: ['--no-defaults', ...files, `--port=${port}`, ...SETTINGS, ...settings],
    folder,
    account,
    probe: () => query('mysql', 'select 1;'),
  })

  let databases = 0
  return {
    ...server,
    port,
    sql: query,
    async createDatabase() {
      databases += 1
      const name = `test_${databases}`
      await query('mysql', `create database ${name};`)
      return { name, url: `mysql://test:test@127.0.0.1:${port}/${name}` }
    },
  }
}
