import { chmod, chown, cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serviceAccount } from '../../../test/servers/account.ts'
import { type Certificates, makeCertificates } from '../../../test/servers/certificates.ts'
import { startMariadb } from '../../../test/servers/mariadb.ts'
import { startPostgres } from '../../../test/servers/postgres.ts'
import { requires } from '../../../test/servers/requirements.ts'
import { type DatabaseOptions, openDatabase } from '../src/index.ts'
import { login } from './on-every-database.ts'

/** A server that offers TLS. */
interface TlsServer {
  readonly port: number
  stop(): Promise<void>
}

async function tlsPostgres({ certificate, key }: Certificates): Promise<TlsServer> {
  const server = await startPostgres()
  const data = (await server.sql('postgres', 'show data_directory')).trim()
  const owner = serviceAccount('postgres')
  for (const [from, name] of [
    [certificate, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    const to = join(data, name)
    await cp(from, to)
    await chmod(to, 0o600)
    if (owner) await chown(to, owner.uid, owner.gid)
  }
  await server.sql('postgres', 'alter system set ssl = on')
  await server.restart()
  return server
}

async function tlsMariadb({ certificate, key }: Certificates): Promise<TlsServer> {
  // The server's own account has to read it.
  await chmod(key, 0o644)
  for (const folder of [dirname(key), dirname(dirname(key))]) await chmod(folder, 0o755)
  return startMariadb([`--ssl-cert=${certificate}`, `--ssl-key=${key}`])
}

const SERVERS = [
  {
    client: 'pg',
    name: 'PostgreSQL',
    need: requires('postgres', 'openssl'),
    start: tlsPostgres,
    secured: "select case when ssl then 'yes' end as answer from pg_stat_ssl where pid = pg_backend_pid()",
    database: 'postgres',
  },
  {
    client: 'mysql2',
    name: 'MariaDB',
    need: requires('mariadb', 'openssl'),
    start: tlsMariadb,
    secured:
      "select case when variable_value <> '' then 'yes' end as answer from information_schema.session_status where variable_name = 'Ssl_cipher'",
    database: 'mysql',
  },
] as const

describe.each(SERVERS)('TLS to $name', ({ client, need, start, secured, database }) => {
  describe.skipIf(need.skip)(`a real server${need.note}`, () => {
    let folder: string
    let server: TlsServer
    let ca: string
    const makeIn = async (name: string, hosts: readonly string[]) =>
      makeCertificates(await mkdtemp(join(folder, name)), hosts)

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lockkeeper-'))
      const certificates = await makeIn('own-', ['localhost'])
      ca = await readFile(certificates.ca, 'utf8')
      server = await start(certificates)
    })
    afterAll(async () => {
      await server?.stop()
      await rm(folder, { recursive: true })
    })

    const open = (connection: object, { port } = server) => {
      const options = { client, connection: { ...login(port, database), host: 'localhost', ...connection } }
      return openDatabase(options as DatabaseOptions)
    }
    const untrusted = {
      code: 'ERR_CONFIGURATION',
      message: expect.stringContaining('the certificate of the server is not trusted'),
    }

    it('is used and verified', async () => {
      const db = open({ tls: { ca } })
      await db.ping()
      const [answer] = await db.query<unknown[]>((knex) => knex.select('answer').from(knex.raw(`(${secured}) as s`)))
      expect(answer).toEqual({ answer: 'yes' })
      await db.close()
    })

    it('refuses a certificate of another authority, and one that no authority is named for', async () => {
      const otherCa = await readFile((await makeIn('other-', ['localhost'])).ca, 'utf8')
      for (const tls of [{ ca: otherCa }, true]) {
        const db = open({ tls })
        await expect(db.ping()).rejects.toMatchObject(untrusted)
        await db.close()
      }
    })

    it('refuses a certificate for another host', async () => {
      const certificates = await makeIn('elsewhere-', ['db.example.com'])
      const elsewhere = await start(certificates)
      const db = open({ tls: { ca: await readFile(certificates.ca, 'utf8') } }, elsewhere)
      await expect(db.ping()).rejects.toMatchObject(untrusted)
      await db.close()
      await elsewhere.stop()
    })
  })
})
