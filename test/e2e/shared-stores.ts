import { startMariadb } from '../servers/mariadb.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { type Need, requires } from '../servers/requirements.ts'

/** A store of freezes that several servers share. */
export interface SharedStore {
  /** Keys of the section `lockout`. */
  readonly lockout: object
  /** Other sections, as lines of YAML. */
  readonly more?: string
  stop(): Promise<void>
}

/** The section `database` for one of our test servers. */
export const databaseSection = (client: 'pg' | 'mysql2', port: number, database: string): string =>
  `database: ${JSON.stringify({ client, connection: { host: '127.0.0.1', port, user: 'test', password: 'test', database } })}\n`

async function onDatabase(
  client: 'pg' | 'mysql2',
  server: { readonly port: number; createDatabase(): Promise<{ name: string }>; stop(): Promise<void> },
): Promise<SharedStore> {
  const { name } = await server.createDatabase()
  const more = databaseSection(client, server.port, name)
  return { lockout: { store: 'database' }, more, stop: () => server.stop() }
}

async function onRedis(): Promise<SharedStore> {
  const server = await startRedis()
  return { lockout: { store: 'redis', redis: { url: server.url } }, stop: () => server.stop() }
}

/** Every kind there is. On Redis each server has its own accounts, in a database of its own. */
export const SHARED_STORES: readonly { readonly name: string; readonly need: Need; start(): Promise<SharedStore> }[] = [
  { name: 'PostgreSQL', need: requires('postgres'), start: async () => onDatabase('pg', await startPostgres()) },
  { name: 'MariaDB', need: requires('mariadb'), start: async () => onDatabase('mysql2', await startMariadb()) },
  { name: 'Redis', need: requires('redis'), start: onRedis },
]
