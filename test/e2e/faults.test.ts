import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { requires } from '../servers/requirements.ts'
import { temporaryFolder } from '../servers/temporary-folder.ts'
import { ADMIN, type LockkeeperServer, runLockkeeper, startLockkeeper } from './lockkeeper.ts'

const basic = ({ username, password }: { username: string; password: string }) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

describe('a start that cannot work says why, and what to do', () => {
  async function failedStart(prepare: (folder: string) => Promise<readonly string[]>) {
    const folder = await temporaryFolder()
    const words = await prepare(folder.path)
    const ran = await runLockkeeper(['serve', '--data', join(folder.path, 'data'), ...words], { cwd: folder.path })
    await folder.remove()
    return ran
  }

  it('OPS-04: an unknown key', async () => {
    const { code, stderr } = await failedStart(async (folder) => {
      await writeFile(join(folder, 'lockkeeper.yaml'), 'lissten: 127.0.0.1:1\n')
      return []
    })
    expect(code).toBe(2)
    expect(stderr).toContain('has no lissten; there are listen,')
  })

  it('a port that is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const { code, stderr } = await failedStart(async () => ['--listen', `127.0.0.1:${port}`])
    taken.close()
    expect(code).toBe(2)
    expect(stderr).toContain('is in use: stop the program that listens there, or choose another port')
  })

  it('OPS-04: a key that cannot be read', async () => {
    const { code, stderr } = await failedStart(async (folder) => {
      const data = join(folder, 'data')
      expect(await runLockkeeper(['keys', 'new', '--data', data])).toMatchObject({ code: 0 })
      await writeFile(join(data, 'keys', 'signing-es256.key'), 'not a key')
      return []
    })
    expect(code).toBe(2)
    expect(stderr).toContain('signing-es256.key')
  })

  it('a SQLite file that is damaged, which is left as it is', async () => {
    const { code, stderr } = await failedStart(async (folder) => {
      const file = join(folder, 'broken.sqlite')
      await writeFile(file, 'x'.repeat(5000))
      const database = `database: { client: better-sqlite3, connection: { filename: ${file} } }\n`
      await writeFile(join(folder, 'lockkeeper.yaml'), database)
      return []
    })
    expect(code).toBe(2)
    expect(stderr).toContain('no SQLite database or is damaged')
  })

  it('PWD-07: a sample value as the first password', async () => {
    const folder = await temporaryFolder()
    const ran = await runLockkeeper(['serve', '--data', folder.path], {
      env: { LOCKKEEPER_ADMIN_PASSWORD: 'Harbor12345' },
    })
    await folder.remove()
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('LOCKKEEPER_ADMIN_PASSWORD')
    expect(ran.stderr).not.toContain('Harbor12345')
  })
})

describe('bad requests', () => {
  let server: LockkeeperServer
  beforeAll(async () => {
    server = await startLockkeeper()
  }, 60_000)
  afterAll(() => server?.stop())

  /** Sends what `fetch` would not. */
  const send = (method: string, headers: readonly [string, string][], body = '') =>
    new Promise<number>((resolve, reject) => {
      const outgoing = request(`http://${server.host}/service/token?service=registry`, {
        method,
        headers: headers.flat(),
      })
      outgoing.on('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  it('LOG-06: a second Authorization header is 400', async () => {
    const authorization = basic(ADMIN)
    const twice: [string, string][] = [
      ['Host', server.host],
      ['Authorization', authorization],
      ['Authorization', authorization],
    ]
    expect(await send('GET', twice)).toBe(400)
  })

  it('HTTP-01: a body of 1 MiB is 413', async () => {
    const body = `grant_type=password&username=a&password=${'b'.repeat(1024 * 1024)}`
    const headers: [string, string][] = [
      ['Host', server.host],
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Content-Length', String(body.length)],
    ]
    expect(await send('POST', headers, body)).toBe(413)
  })

  it('leave the process alive, and no secret in its output', async () => {
    const secret = 'Canary-5f2d-in-no-log'
    for (const authorization of [
      basic({ username: 'admin', password: secret }),
      `Bearer ${secret}`,
      `Basic ${secret}`,
    ]) {
      await fetch(`http://${server.host}/service/token?service=registry`, { headers: { authorization } })
      await fetch(`http://${server.host}/v2/`, { headers: { authorization } })
    }
    expect((await fetch(`http://${server.host}/healthz`)).status).toBe(200)
    const encodings = [
      secret,
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
      ADMIN.password,
    ]
    for (const text of encodings) expect(server.log()).not.toContain(text)
    expect(server.log()).toContain('"audit":"login"')
  })
})

const need = requires('postgres')
describe.skipIf(need.skip)(`a database that is down${need.note}`, () => {
  let postgres: PostgresServer
  let server: LockkeeperServer

  beforeAll(async () => {
    postgres = await startPostgres()
    const { url } = await postgres.createDatabase()
    const { hostname, port, username, password, pathname } = new URL(url)
    const connection = { host: hostname, port: Number(port), user: username, password, database: pathname.slice(1) }
    await postgres.kill()
    server = await startLockkeeper(`database: ${JSON.stringify({ client: 'pg', connection })}\n`, '/healthz')
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await postgres?.stop()
  })

  const logIn = () =>
    fetch(`http://${server.host}/service/token?service=registry`, { headers: { authorization: basic(ADMIN) } })

  async function until(status: number): Promise<void> {
    for (let tries = 0; (await logIn()).status !== status; tries++) {
      if (tries > 60) throw new Error(`never answered ${status}`)
      await delay(250)
    }
  }

  it('OPS-05: at the start and later is 503 with Retry-After, and heals without a restart', {
    timeout: 120_000,
  }, async () => {
    const down = await logIn()
    expect(down.status).toBe(503)
    expect(Number(down.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await fetch(`http://${server.host}/readyz`)).status).toBe(503)

    await postgres.restart()
    await until(200)
    await postgres.kill()
    await until(503)
    await postgres.restart()
    await until(200)
    expect((await fetch(`http://${server.host}/readyz`)).status).toBe(200)
  })
})
