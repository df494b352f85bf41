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

function send(host: string, { path, headers, form, from, signal }: Sent): Promise<Answer> {
  const sentAt = performance.now()
  const options = {
    agent: false,
    method: form ? 'POST' : 'GET',
    headers: { ...headers, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) },
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
    sent.end(form && `${new URLSearchParams(form)}`)
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
