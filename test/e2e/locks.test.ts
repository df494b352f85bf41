import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../servers/postgres.ts'
import { requires } from '../servers/requirements.ts'
import { type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'
import { type LockoutHouse, logIn, right, startHouse } from './lockout-house.ts'
import { databaseSection } from './shared-stores.ts'

/** Nobody waits for these: the clients hang up. */
const FREEZE_MS = 60_000
const wrong = (username: string) => ({ username, password: 'wrong', signal: AbortSignal.timeout(500) })
const fail = (host: string, username: string) => logIn(host, wrong(username)).catch(() => undefined)

const need = requires('postgres')
describe.skipIf(need.skip)(`lockkeeper locks, of two servers on one PostgreSQL${need.note}`, () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  let house: LockoutHouse
  let first: LockkeeperServer
  let second: LockkeeperServer
  beforeAll(async () => {
    postgres = await startPostgres()
    const { name } = await postgres.createDatabase()
    house = await startHouse(2, { store: 'database', freezeMs: FREEZE_MS }, databaseSection('pg', postgres.port, name))
    ;[first, second] = house.servers as [LockkeeperServer, LockkeeperServer]
  }, 120_000)
  afterAll(async () => {
    await house?.stop()
    await postgres?.stop()
  })

  it('LCK-12: list what either froze, known accounts by name and all others as a digest', async () => {
    await logIn(first.host, right('jane-1'))
    await fail(first.host, 'Jane-1')
    await fail(second.host, 'hunter2')
    for (const server of [first, second]) {
      const { code, stdout } = await server.run(['locks', 'list'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/^WHO +WHAT +SINCE +ENDS IN +FAILURES +FROM$/m)
      expect(stdout).toMatch(/^jane-1 +name +\S+Z +\d+(?:\.\d)? s +1 +127\.0\.0\.1$/m)
      expect(stdout).toMatch(/^unknown:[0-9a-f]{12} /m)
      expect(stdout).not.toContain('hunter2')
    }
    const listed = JSON.parse((await second.run(['locks', 'list', '--json'])).stdout)
    expect(listed).toHaveLength(3)
  })

  it('explain a refusal, and clear it for every server', async () => {
    const explained = await second.run(['locks', 'explain', 'JANE-1', '--source', '127.0.0.1'])
    expect(explained.code).toBe(1)
    expect(explained.stdout).toMatch(/^the name is frozen since .*, the last from 127\.0\.0\.1$/m)
    expect(explained.stdout).toMatch(/^the account counting_auth:1 is frozen since /m)

    expect(await second.run(['locks', 'clear', 'JANE-1'])).toMatchObject({ code: 0, stdout: '2 freezes cleared\n' })
    expect(await first.run(['locks', 'explain', 'jane-1'])).toMatchObject({ code: 0, stdout: 'not frozen\n' })
    expect((await logIn(first.host, right('jane-1'))).status).toBe(200)
  })

  it('clear everybody, and count', async () => {
    await fail(first.host, 'jane-2')
    expect((await second.run(['locks', 'clear', '--all'])).stdout).toMatch(/^3 freezes cleared$/m)
    expect(await first.run(['locks', 'list'])).toMatchObject({ stdout: 'nobody is frozen\n' })
    const counters = JSON.parse((await first.run(['locks', 'counters', '--json'])).stdout)
    expect(counters).toMatchObject({ refused: 2, failed: 0 })
    // The second login came within the seconds that the first is good for, or not.
    expect(counters.accepted + counters.kept).toBe(2)
  })

  it('LCK-15: held answers end at once when the server is stopped', async () => {
    const held = logIn(first.host, { username: 'jane-3', password: 'wrong' })
    await delay(500)
    const stoppedAt = performance.now()
    await first.restart()
    expect((await held).status).toBe(401)
    expect((await held).tookMs).toBeLessThan(FREEZE_MS / 2)
    expect(performance.now() - stoppedAt).toBeLessThan(15_000)
    await second.run(['locks', 'clear', '--all'])
  })
})

describe('the socket of a server', () => {
  let server: LockkeeperServer
  beforeAll(async () => {
    server = await startLockkeeper()
  }, 60_000)
  afterAll(() => server?.stop())

  it('belongs to its owner alone, and outlives a crash of the server', async () => {
    const socket = join(server.folder, 'data', 'control.sock')
    expect((await stat(socket)).mode & 0o777).toBe(0o600)
    await server.kill()
    expect((await stat(socket)).isSocket()).toBe(true)
    expect(await server.run(['locks', 'list'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('start it with lockkeeper serve'),
    })
    await server.restart()
    expect(await server.run(['locks', 'list'])).toMatchObject({ code: 0, stdout: 'nobody is frozen\n' })
  })
})

it('LCK-13: whoever asks while the shared store is lost is told so, and what to mend', async () => {
  // Nobody listens on port 1.
  const server = await startLockkeeper(
    'lockout: { store: redis, redis: { url: redis://127.0.0.1:1 }, freezeMs: 60000 }',
  )
  const lost = /^lockkeeper: what this server knows by itself: .* cannot be reached \(ECONNREFUSED\): start it, or mend/
  try {
    await fail(server.host, 'admin')
    const listed = await server.run(['locks', 'list', '--json'])
    expect(listed).toMatchObject({ code: 0, stderr: expect.stringMatching(lost) })
    expect(JSON.parse(listed.stdout)).toHaveLength(2)
    const explained = await server.run(['locks', 'explain', 'admin'])
    expect(explained).toMatchObject({ code: 1, stderr: expect.stringMatching(lost) })

    const cleared = await server.run(['locks', 'clear', 'admin'])
    expect(cleared).toMatchObject({ code: 3, stderr: expect.stringContaining('cleared here alone') })
    expect(await server.run(['locks', 'explain', 'admin'])).toMatchObject({ code: 0, stdout: 'not frozen\n' })
  } finally {
    await server.stop()
  }
}, 60_000)
