import { readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { type CountingAuthOptions, RIGHT } from './counting-auth.ts'
import { type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'

const PLUGIN = fileURLToPath(new URL('./counting-auth.ts', import.meta.url))

/** What came back, and after how long. */
export interface Answer {
  readonly status: number
  /** Every byte but the values of `Date` and of the request id. */
  readonly bytes: string
  readonly tookMs: number
}

/** One login to be tried. */
export interface Try {
  readonly username: string
  readonly password: string
  /** A loopback address to come from. */
  readonly from?: string
  /** Ends the connection of the client. */
  readonly signal?: AbortSignal
}

/** Where a password is tried. */
export interface Door {
  readonly name: string
  readonly tries: (host: string, attempt: Try) => Promise<Answer>
  /** The status of a success. */
  readonly opens: number
}

/** Every door there is; each later one adds a row, and every test of doors takes it up. */
export const DOORS: readonly Door[] = [
  { name: 'GET with Basic', tries: logIn, opens: 200 },
  {
    name: 'POST with the password grant',
    tries: (host, { username, password, ...more }) => {
      const grant = { grant_type: 'password', service: 'registry', client_id: 'test' }
      return send(host, { ...more, path: '/service/token', form: { ...grant, username, password } })
    },
    opens: 200,
  },
  {
    name: 'the sign-in page',
    tries: (host, { username, password, ...more }) =>
      send(host, {
        ...more,
        path: '/login',
        headers: { 'sec-fetch-site': 'same-origin' },
        form: { username, password },
      }),
    opens: 303,
  },
]

/** A login by Basic, as clients send it. */
export function logIn(host: string, { username, password, ...more }: Try): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return send(host, { ...more, path: '/service/token?service=registry', headers: { authorization } })
}

interface Sent {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent in the body, by POST. */
  readonly form?: Readonly<Record<string, string>>
  readonly from?: string
  readonly signal?: AbortSignal
}

/** By a socket of its own: tests send tens of thousands of these, and compare every byte of the answers. */
async function send(host: string, { path, headers, form, from, signal }: Sent): Promise<Answer> {
  const sentAt = performance.now()
  const body = form === undefined ? '' : `${new URLSearchParams(form)}`
  const all = {
    host,
    connection: 'close',
    ...headers,
    ...(form && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': `${body.length}` }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const { hostname, port } = new URL(`http://${host}`)
  const socket = connect({ host: hostname, port: Number(port), ...(from !== undefined && { localAddress: from }) })
  if (signal) addAbortSignal(signal, socket)
  socket.write(`${form ? 'POST' : 'GET'} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) text += chunk
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]
  if (status === undefined) throw new Error('the connection was closed without an answer')
  const bytes = text.replace(/^(date|x-request-id): .*$/gim, '$1')
  return { status: Number(status), bytes, tookMs: performance.now() - sentAt }
}

/** Verifications of one account by the backend, in all processes together. */
export interface Verifications {
  readonly right: number
  readonly wrong: number
}

/** Servers that share a backend which counts. */
export interface LockoutHouse {
  readonly servers: readonly LockkeeperServer[]
  /** The server that the n-th request goes to. */
  host(n: number): string
  verifications(account: number): Promise<Verifications>
  /** When each verification of a wrong password began, in milliseconds; those of one account in order. */
  refusals(): Promise<ReadonlyMap<number, readonly number[]>>
  /** Every line that the backend wrote so far. */
  lines(): Promise<readonly string[]>
  stop(): Promise<void>
}

/**
 * Starts servers that act as one.
 *
 * @param lockout Keys of the section `lockout`. Addresses are not limited unless it says so: all tests come from one.
 * @param more Lines of YAML.
 * @param backend Options of the backend that counts.
 */
export async function startHouse(
  count: number,
  lockout: object,
  more = '',
  backend: Omit<CountingAuthOptions, 'file'> = {},
): Promise<LockoutHouse> {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'verifications')
  await writeFile(file, '')
  const section = { sourceFailuresPerMinute: 0, ...('store' in lockout && { storeTimeoutMs: 3000 }), ...lockout }
  const auth = { plugins: [PLUGIN], modes: ['counting_auth', 'db_auth'], counting_auth: { file, ...backend } }
  const configuration = `lockout: ${JSON.stringify(section)}\nauth: ${JSON.stringify(auth)}\n${more}`
  // A shared database is migrated by the first.
  const servers = [await startLockkeeper(configuration)]
  const others = Array.from({ length: count - 1 }, () => startLockkeeper(configuration))
  servers.push(...(await Promise.all(others)))
  const lines = async () => (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  return {
    servers,
    host: (n) => servers[n % servers.length]?.host ?? '',
    lines,
    async verifications(account) {
      const all = await lines()
      const of = (what: string) => all.filter((line) => line.startsWith(`${what} ${account} `)).length
      return { right: of('right'), wrong: of('wrong') }
    },
    async refusals() {
      const wrong = (await lines()).map((line) => line.split(' ')).filter(([what]) => what === 'wrong')
      const byAccount = Map.groupBy(wrong, ([, account]) => Number(account))
      const begins = (of: readonly string[][]) => of.map(([, , at]) => Number(at)).sort((a, b) => a - b)
      return new Map([...byAccount].map(([account, of]) => [account, begins(of)]))
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
      await folder.remove()
    },
  }
}

/** Whoever tries `RIGHT` gets in, whatever the freeze says about others. */
export const right = (username: string): Try => ({ username, password: RIGHT })
