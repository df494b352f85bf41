import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { RIGHT } from './counting-auth.ts'
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

/** Where passwords are tried; each later door adds a line, and every test of doors takes it up. */
export const DOORS = {
  'GET with Basic': (host: string, { username, password, ...more }: Try) =>
    send(host, {
      ...more,
      headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    }),
  'POST with the password grant': (host: string, { username, password, ...more }: Try) =>
    send(host, {
      ...more,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${new URLSearchParams({ grant_type: 'password', service: 'registry', client_id: 'test', username, password })}`,
    }),
} as const satisfies Record<string, (host: string, attempt: Try) => Promise<Answer>>

/** A login by Basic, as clients send it. */
export const logIn = DOORS['GET with Basic']

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly from?: string
  readonly signal?: AbortSignal
}

function send(host: string, { headers, body, from, signal }: Sent): Promise<Answer> {
  const sentAt = performance.now()
  const path = body === undefined ? '/service/token?service=registry' : '/service/token'
  const options = {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(from !== undefined && { localAddress: from }),
    ...(signal && { signal }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(`http://${host}${path}`, options, async (answer) => {
      const { statusCode = 0, statusMessage, rawHeaders } = answer
      let text = ''
      for await (const chunk of answer.setEncoding('utf8')) text += chunk
      const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [line(name, rawHeaders[index + 1])] : []))
      const bytes = [`${statusCode} ${statusMessage}`, ...lines, '', text].join('\n')
      resolve({ status: statusCode, bytes, tookMs: performance.now() - sentAt })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const line = (name: string, value = ''): string => (/^(?:date|x-request-id)$/i.test(name) ? name : `${name}: ${value}`)

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
  /** Every line that the backend wrote so far. */
  lines(): Promise<readonly string[]>
  stop(): Promise<void>
}

/**
 * Starts servers that act as one.
 *
 * @param lockout Keys of the section `lockout`. Addresses are not limited unless it says so: all tests come from one.
 * @param more Lines of YAML.
 */
export async function startHouse(count: number, lockout: object, more = ''): Promise<LockoutHouse> {
  const folder = await temporaryFolder()
  const file = join(folder.path, 'verifications')
  await writeFile(file, '')
  const section = { sourceFailuresPerMinute: 0, storeTimeoutMs: 3000, ...lockout }
  const auth = { plugins: [PLUGIN], modes: ['counting_auth', 'db_auth'], counting_auth: { file } }
  const configuration = `lockout: ${JSON.stringify(section)}\nauth: ${JSON.stringify(auth)}\n${more}`
  const servers: LockkeeperServer[] = []
  // One after another: a shared database is migrated by the first.
  for (let started = 0; started < count; started += 1) servers.push(await startLockkeeper(configuration))
  const lines = async () => (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  return {
    servers,
    host: (n) => servers[n % servers.length]?.host ?? '',
    lines,
    async verifications(account) {
      const all = await lines()
      const of = (what: string) => all.filter((line) => line === `${what} ${account}`).length
      return { right: of('right'), wrong: of('wrong') }
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
      await folder.remove()
    },
  }
}

/** Whoever tries `RIGHT` gets in, whatever the freeze says about others. */
export const right = (username: string): Try => ({ username, password: RIGHT })
