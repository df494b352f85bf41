import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { Secret } from '@lockkeeper/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DatabaseOptions, openDatabase, sqlAccounts } from '../src/index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockkeeper-'))
})
afterAll(() => rm(folder, { recursive: true }))

const sqlite = (filename: string): DatabaseOptions => ({ client: 'better-sqlite3', connection: { filename } })

describe('options', () => {
  it('OPS-04: are refused with every problem at once', () => {
    const options = {
      client: 'pg',
      connection: { host: '', port: 0, user: 'u', typo: 1 },
      pool: { max: 0 },
      extra: true,
    }
    expect(() => openDatabase(options as unknown as DatabaseOptions)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIGURATION',
        problems: expect.arrayContaining(
          ['connection.host', 'connection.port', 'connection.database', 'pool.max', ''].map((path) =>
            expect.objectContaining({ path }),
          ),
        ),
      }),
    )
  })

  it('name those there are when one is unknown', () => {
    const connection = { hostname: 'db.example.com', user: 'u', database: 'd' }
    expect(() => openDatabase({ client: 'pg', connection, pools: 1 } as unknown as DatabaseOptions)).toThrow(
      /connection has no hostname; there are host, port, user, .*has no pools; there are client, connection, pool, /,
    )
  })

  it('refuse TLS to an address, whose certificate could not be checked', () => {
    const connection = { host: '192.0.2.1', user: 'u', database: 'd', tls: true }
    expect(() => openDatabase({ client: 'pg', connection })).toThrow(
      'connection.host must be a host name when tls is on',
    )
  })

  it('OBS-01: may hold the password as a secret, and show it nowhere', async () => {
    const connection = { user: 'u', password: new Secret('c4n4ry'), database: 'd', port: 1 }
    for (const client of ['pg', 'mysql2'] as const) {
      const db = openDatabase({ client, connection })
      const error: unknown = await db.ping().catch((reason: unknown) => reason)
      expect(inspect([db, error], { depth: 12 })).not.toContain('c4n4ry')
      await db.close()
    }
  })
})

describe('a SQLite file', () => {
  it('is made for nobody else to read', async () => {
    const filename = join(folder, 'private.sqlite')
    const db = openDatabase(sqlite(filename))
    await db.migrate()
    for (const suffix of ['', '-wal']) expect((await stat(filename + suffix)).mode & 0o777, suffix).toBe(0o600)
    await db.close()
  })

  it('keeps what was written when it is opened again', async () => {
    const options = sqlite(join(folder, 'kept.sqlite'))
    const before = openDatabase(options)
    await before.migrate()
    const { id } = await sqlAccounts(before).add({ username: 'kept' })
    const person = await sqlAccounts(before).findById(id)
    await before.close()
    const after = openDatabase(options)
    expect(await after.migrate()).toEqual([])
    expect(person).toMatchObject({ username: 'kept' })
    expect(await sqlAccounts(after).findById(id)).toEqual(person)
    await after.close()
  })

  it('that is damaged, or none, is a clear error and is left as it is', async () => {
    const filename = join(folder, 'damaged.sqlite')
    const content = 'this is no database, '.repeat(500)
    await writeFile(filename, content)
    const db = openDatabase(sqlite(filename))
    const clear = {
      code: 'ERR_CONFIGURATION',
      message: 'database: the file is no SQLite database or is damaged: restore it, or move it away to start afresh',
    }
    await expect(db.ping()).rejects.toMatchObject(clear)
    await expect(db.migrate()).rejects.toMatchObject(clear)
    await expect(sqlAccounts(db).findById(1)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    await db.close()
    expect((await stat(filename)).size).toBe(content.length)
  })

  it('that is damaged in the middle is a clear error', async () => {
    const filename = join(folder, 'half.sqlite')
    const whole = openDatabase(sqlite(filename))
    await whole.migrate()
    await whole.close()
    await writeFile(filename, Buffer.alloc(4096, 1), { flag: 'r+' })
    const db = openDatabase(sqlite(filename))
    await expect(db.migrate()).rejects.toMatchObject({ code: 'ERR_CONFIGURATION' })
    await db.close()
  })

  it('in a folder that is not there, or in place of a folder, is a clear error', () => {
    for (const filename of [join(folder, 'no', 'such', 'folder.sqlite'), folder]) {
      expect(() => openDatabase(sqlite(filename))).toThrow(
        expect.objectContaining({ code: 'ERR_CONFIGURATION', message: expect.stringContaining(filename) }),
      )
    }
  })

  it('that another process holds is waited for without blocking this one, and then unavailable', async () => {
    const options = { ...sqlite(join(folder, 'busy.sqlite')), queryTimeoutMs: 600 }
    const holder = openDatabase(options)
    await holder.migrate()
    const db = openDatabase(options)
    const accounts = sqlAccounts(db)
    const taken = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const held = holder.transaction(async (trx) => {
      await trx('harbor_user').where('user_id', 1).update({ realname: 'held' })
      taken.resolve()
      await released.promise
    })
    await taken.promise

    let longestGap = 0
    let last = performance.now()
    const ticking = setInterval(() => {
      longestGap = Math.max(longestGap, performance.now() - last)
      last = performance.now()
    }, 5)
    await expect(accounts.setAdmin(1, true)).rejects.toMatchObject({ code: 'ERR_BACKEND_UNAVAILABLE' })
    clearInterval(ticking)
    expect(longestGap).toBeLessThan(250)

    const waiting = accounts.updateProfile(1, { displayName: 'written after the wait' })
    setTimeout(released.resolve, 100)
    await held
    await waiting
    expect(await accounts.findById(1)).toMatchObject({ displayName: 'written after the wait' })
    await db.close()
    await holder.close()
  })
})

describe('OBS-01: errors', () => {
  it('hold neither values of a statement nor, as properties, the statement', async () => {
    const db = openDatabase(sqlite(':memory:'))
    await db.migrate()
    const columns = { username: 'admin', realname: '', creation_time: '', update_time: '' }
    const duplicate = db.query((knex) => knex('harbor_user').insert({ ...columns, password: 'c4n4ry' }))
    const missing = db.query((knex) => knex('no_such_table').where({ password: 'c4n4ry' }))
    const wrong = db.query((knex) => knex('harbor_user').where({ password: 'c4n4ry', no_such_column: 1 }))
    for (const work of [duplicate, missing, wrong]) {
      const error: unknown = await work.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Error)
      expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('c4n4ry')
    }
    await db.close()
  })
})
