import { join } from 'node:path'
import { openDatabase } from '@lockkeeper/database'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type House, makeHouse } from './house.ts'

let house: House
beforeEach(async () => {
  house = await makeHouse()
})
afterEach(() => house.remove())

/** Configures a database of the operator's own, which check-config does not touch. */
async function ownDatabase() {
  const filename = join(house.folder, 'own.sqlite')
  await house.configure('database: { client: better-sqlite3, connection: { filename: own.sqlite } }')
  return openDatabase({ client: 'better-sqlite3', connection: { filename } })
}

describe('check-config', () => {
  it('finds nothing wrong with a database that the first start will fill, and leaves it empty', async () => {
    const database = await ownDatabase()
    const { code, stdout } = await house.run(['check-config'])
    expect(code).toBe(0)
    expect(stdout).toContain('ok    database\n      the start will bring its tables up to date')
    expect(stdout).not.toMatch(/^FAIL/m)
    expect((await database.pendingMigrations()).length).toBeGreaterThan(0)
    await database.close()
  })

  it.each([
    ['http: { trustedProxies: [proxy] }', 'server: trustedProxies[0] must be an address'],
    ['http: { hosts: [a/b] }', 'server: hosts[0] must be a host name'],
    [
      'tokens: { services: { r: { headerStyle: kid-custom } } }',
      'server: services.r.keyId belongs to the header style',
    ],
    ['tokens: { keys: /nowhere/keys }', 'signing keys: key folder /nowhere/keys: does not exist; make it with'],
    ['externalUrl: https://auth.example.com/path', 'pages: externalUrl must have no path'],
  ])('says what would keep the server from starting: %s', async (yaml, says) => {
    await house.configure(yaml)
    const { code, stdout } = await house.run(['check-config'])
    expect(code).toBe(1)
    expect(stdout.split('\n').filter((line) => line.startsWith('FAIL'))).toEqual([
      expect.stringContaining(`FAIL  ${says}`),
    ])
  })

  it('says it also while a backend is down', async () => {
    const section = '{ issuer: "http://127.0.0.1:1", clientId: a, insecureAllowPlaintext: true }'
    await house.configure(
      `auth: { modes: [db_auth, oidc_auth], oidc_auth: ${section} }\nweb: { sealingKeys: /nowhere/keys }`,
    )
    const { code, stdout } = await house.run(['check-config'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^FAIL {2}oidc_auth: /m)
    expect(stdout).toMatch(/^FAIL {2}server: \/nowhere\/keys: cannot be read; make it with one line/m)
  })

  it('asks more of a database that has its tables', async () => {
    const database = await ownDatabase()
    await database.migrate()
    const { code, stdout } = await house.run(['check-config'])
    expect([code, stdout.includes('the start will'), stdout.includes('ok    db_auth')]).toEqual([0, false, true])
    await database.close()
  })

  it('says, as the start does, that a database of Harbor’s lacks our tables, until somebody migrates it', async () => {
    const database = await ownDatabase()
    await database.knex.schema.createTable('harbor_user', (table) => table.increments('user_id'))
    const missing = expect.stringContaining('the tables of Lockkeeper are missing: run `lockkeeper migrate`')
    expect(await house.run(['check-config'])).toMatchObject({ code: 1, stdout: missing })
    expect(await house.run(['serve', '--listen', '127.0.0.1:9'])).toMatchObject({ code: 2, stderr: missing })
    expect((await house.run(['migrate'])).code).toBe(0)
    expect((await house.run(['check-config'])).stdout).toContain('ok    database\n')
    await database.close()
  })
})
