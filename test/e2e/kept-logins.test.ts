import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgres } from '../servers/postgres.ts'
import { requires } from '../servers/requirements.ts'
import { type LockkeeperServer, startLockkeeper } from './lockkeeper.ts'
import { logIn } from './lockout-house.ts'
import { databaseSection } from './shared-stores.ts'

const PASSWORD = 'First-Password-1'

const need = requires('postgres')
describe.skipIf(need.skip)(`a login that two servers keep, on one PostgreSQL${need.note}`, () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  let servers: readonly LockkeeperServer[] = []
  let database: string
  let number = 0
  let username: string

  beforeAll(async () => {
    postgres = await startPostgres()
    database = (await postgres.createDatabase()).name
    // Longer than every test: whatever ends a kept login here, it is not the time.
    const configuration = `lockout: { keepVerifiedSeconds: 300 }\n${databaseSection('pg', postgres.port, database)}`
    servers = [await startLockkeeper(configuration), await startLockkeeper(configuration)]
  }, 120_000)
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await postgres?.stop()
  })

  beforeEach(async () => {
    number += 1
    username = `kept-${number}`
    await servers[0]?.addUser(username, PASSWORD)
    for (let pull = 0; pull < 3; pull += 1) expect(await everywhere(PASSWORD)).toEqual([200, 200])
  })

  const everywhere = (password: string): Promise<readonly number[]> =>
    Promise.all(servers.map(async ({ host }) => (await logIn(host, { username, password })).status))

  async function counted(): Promise<readonly { readonly accepted: number; readonly kept: number }[]> {
    return Promise.all(
      servers.map(async (server) => JSON.parse((await server.run(['locks', 'counters', '--json'])).stdout)),
    )
  }

  /** A process of its own changes the account. */
  async function change(words: readonly string[], input = ''): Promise<void> {
    const { code, stderr } = (await servers[0]?.run(words, input)) ?? { code: 1, stderr: '' }
    if (code !== 0) throw new Error(stderr)
  }

  it('LCK-04: is verified once in each process', async () => {
    const before = await counted()
    await everywhere(PASSWORD)
    const after = await counted()
    expect(after.map(({ accepted }, n) => accepted - (before[n]?.accepted ?? 0))).toEqual([0, 0])
    expect(after.map(({ kept }, n) => kept - (before[n]?.kept ?? 0))).toEqual([1, 1])
  })

  it('LCK-04: ends in both when another process changes the password', async () => {
    await change(['user', 'passwd', username, '--password-stdin'], 'Second-Password-1')
    expect(await everywhere(PASSWORD)).toEqual([401, 401])
  })

  it('LCK-04: ends in both when another process disables the account, or removes it', async () => {
    await change(['user', 'disable', username])
    expect(await everywhere(PASSWORD)).toEqual([401, 401])
    await change(['user', 'enable', username])
    for (const server of servers) await server.run(['locks', 'clear', '--all'])
    expect(await everywhere(PASSWORD)).toEqual([200, 200])
    await change(['user', 'remove', username])
    expect(await everywhere(PASSWORD)).toEqual([401, 401])
  })

  it('LCK-04: is verified anew in both when another process makes an administrator', async () => {
    const before = await counted()
    await change(['user', 'admin', username])
    expect(await everywhere(PASSWORD)).toEqual([200, 200])
    const after = await counted()
    expect(after.map(({ accepted }, n) => accepted - (before[n]?.accepted ?? 0))).toEqual([1, 1])
  })

  it('LCK-04: ends when somebody writes the row by hand', async () => {
    await postgres.sql(database, `update harbor_user set password = 'x' where username = '${username}'`)
    expect(await everywhere(PASSWORD)).toEqual([401, 401])
  })
})
