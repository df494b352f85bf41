import { describe, expect, it } from 'vitest'
import { serviceAccount } from './account.ts'
import { execute } from './command.ts'
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { locate, requires } from './requirements.ts'

const plainUserCanRead = process.getuid?.() === 0 && (await isReadableBy('nobody'))

const sql = requires('postgres', 'mariadb')
describe.skipIf(sql.skip)(`databases${sql.note}`, () => {
  it.each([
    ['PostgreSQL', startPostgres],
    ['MariaDB', startMariadb],
  ] as const)('are separate, and %s keeps what was committed through a crash', async (_, start) => {
    const server = await start()
    const [one, two] = [await server.createDatabase(), await server.createDatabase()]
    await server.sql(one.name, 'create table people (name varchar(9)); insert into people values (42);')
    await expect(server.sql(two.name, 'select name from people')).rejects.toThrow(/people/)
    await server.kill()
    await server.restart()
    expect(await server.sql(one.name, 'select name from people')).toBe('42\n')
    expect(one.url).toMatch(new RegExp(`^(postgres|mysql)://test:test@127.0.0.1:${server.port}/${one.name}$`))
    await server.stop()
  })

  it('take the password over the network and refuse another one', async () => {
    const [postgres, mariadb] = await Promise.all([startPostgres(), startMariadb()])
    const psql = (password: string) =>
      execute(
        locate('postgres', 'psql'),
        ['-h', '127.0.0.1', '-p', `${postgres.port}`, '-U', 'test', '-d', 'postgres'],
        {
          env: { PGPASSWORD: password },
          input: 'select 1',
        },
      )
    const client = (password: string) =>
      execute(
        locate('mariadb', 'mariadb'),
        ['--no-defaults', '-h', '127.0.0.1', '-P', `${mariadb.port}`, '-u', 'test', `-p${password}`],
        { input: 'select 1;' },
      )
    expect([(await psql('test')).code, (await client('test')).code]).toEqual([0, 0])
    expect([(await psql('other')).stderr, (await client('other')).stderr]).toEqual([
      expect.stringContaining('password authentication failed'),
      expect.stringContaining('Access denied'),
    ])
    await Promise.all([postgres.stop(), mariadb.stop()])
  })

  it.skipIf(!plainUserCanRead)('start for a plain user too', async () => {
    const script = ['postgres', 'mariadb'].map((name) => {
      const start = `start${name[0]?.toUpperCase()}${name.slice(1)}`
      return `const ${name} = await (await import('${import.meta.dirname}/${name}.ts')).${start}(); await ${name}.stop();`
    })
    const args = ['--input-type=module', '-e', `${script.join('\n')} console.log(process.getuid())`]
    const account = serviceAccount('nobody')
    const { stdout, stderr } = await execute(process.execPath, args, {
      account,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
    })
    expect({ stdout, stderr }).toEqual({ stdout: `${account?.uid}\n`, stderr: '' })
  })
})

/** A clone in root's home is not. */
async function isReadableBy(name: string): Promise<boolean> {
  const account = serviceAccount(name)
  const readable = await Promise.all(
    [import.meta.filename, process.execPath].map((file) =>
      execute('/usr/bin/test', ['-r', file], { account, cwd: '/' }),
    ),
  )
  return readable.every(({ code }) => code === 0)
}
