import { isIP } from 'node:net'
import { parseOptions, Secret, unknownKeys } from '@lockkeeper/core'
import * as z from 'zod'

const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, { error: unknownKeys(shape) })
const text = z.string('must be a non-empty string').min(1, 'must be a non-empty string')
const password = z.union([z.string(), z.instanceof(Secret<string>)]).transform(reveal)

const tls = z.union([
  z.boolean(),
  section({ ca: text.exactOptional(), cert: text.exactOptional(), key: text.exactOptional() }),
])

const server = (defaultPort: number) =>
  section({
    /** A name, an address, or for PostgreSQL the folder of its socket. */
    host: text.default('127.0.0.1'),
    port: z.int().min(1).max(65_535).default(defaultPort),
    user: text,
    password: password.exactOptional(),
    database: text,
    /** Always verified against the host name: `true` with the system's authorities, an object (PEM) with your own. */
    tls: tls.default(false),
  }).refine(({ host, tls }) => tls === false || isIP(host) === 0, {
    // Both drivers would compare the certificate with `localhost` instead.
    message: 'must be a host name when tls is on: certificates are not checked against addresses',
    path: ['host'],
  })

const shared = {
  /** Who made the tables. `detect` looks; naming it saves the look and guards against the wrong database. */
  owner: z.enum(['detect', 'lockkeeper', 'harbor']).default('detect'),
  /** Longest time for one statement, in milliseconds. */
  queryTimeoutMs: z.int().min(50).max(60_000).default(3000),
  /** Longest wait for a connection, in milliseconds. */
  connectTimeoutMs: z.int().min(50).max(60_000).default(2000),
}

const pool = section({ max: z.int().min(1).max(200).default(10) }).prefault({})

const schema = z.discriminatedUnion('client', [
  section({
    client: z.literal('better-sqlite3'),
    /** The path of the file, made when it is missing; `:memory:` for tests. */
    connection: section({ filename: text }),
    ...shared,
  }),
  section({ client: z.literal('pg'), connection: server(5432), pool, ...shared }),
  section({ client: z.literal('mysql2'), connection: server(3306), pool, ...shared }),
])

/** What the caller of `openDatabase` writes. */
export type DatabaseOptions = z.input<typeof schema>
/** What the code runs on. */
export type DatabaseSettings = z.output<typeof schema>
/** Settings of a database that is a server. */
export type ServerSettings = Exclude<DatabaseSettings, { client: 'better-sqlite3' }>

export const parseDatabaseOptions = (options: DatabaseOptions): DatabaseSettings =>
  parseOptions('database', schema, options)

function reveal(value: string | Secret<string>): string {
  return typeof value === 'string' ? value : value.reveal()
}
