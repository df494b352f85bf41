import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/index.ts'
import { MIGRATIONS, MIGRATIONS_TABLE, OWN_TABLES } from '../src/schema/migrations.ts'
import { onEveryDatabase } from './on-every-database.ts'

const ALL = MIGRATIONS.map(({ name }) => name)
const TABLES =
  'harbor_user oidc_user user_group project project_metadata project_member role robot permission_policy role_permission properties'

onEveryDatabase((fixture) => {
  describe('migrations', () => {
    it('make Harbor’s tables and ours in an empty database, once', async () => {
      const db = openDatabase(await fixture.empty())
      expect(await db.isHarbors()).toBe(false)
      expect(await db.pendingMigrations()).toEqual(ALL)
      expect(await db.migrate()).toEqual(ALL)
      expect(await db.pendingMigrations()).toEqual([])
      expect(await db.migrate()).toEqual([])
      for (const table of [...TABLES.split(' '), 'lockkeeper_account', 'lockkeeper_group']) {
        expect(await db.knex.schema.hasTable(table), table).toBe(true)
      }
      expect(await db.isHarbors()).toBe(false)
      await db.close()
    })

    it('run once when several start together', async () => {
      const options = await fixture.empty()
      const racers = Array.from({ length: 4 }, () => openDatabase(options))
      const applied = await Promise.all(racers.map((db) => db.migrate()))
      expect(applied.flat()).toEqual(ALL)
      await Promise.all(racers.map((db) => db.close()))
    })

    it('go on where an interrupted start stopped, and do not take our tables for Harbor’s', async () => {
      const options = await fixture.empty()
      const interrupted = openDatabase(options)
      await interrupted.knex.schema.createTable(MIGRATIONS_TABLE, (table) => {
        table.string('name', 100).primary()
        table.datetime('applied_at', { useTz: false, precision: 3 }).notNullable()
      })
      await interrupted.knex(MIGRATIONS_TABLE).insert({ name: OWN_TABLES, applied_at: '2026-01-01 00:00:00.000' })
      await interrupted.knex.schema.createTable('role', (table) => {
        table.integer('role_id').primary()
        table.integer('role_mask').notNullable()
        table.string('role_code', 20)
        table.string('name', 20)
      })
      await interrupted.close()

      const db = openDatabase(options)
      expect(await db.migrate()).toEqual(ALL.slice(1))
      expect(await db.isHarbors()).toBe(false)
      expect(await db.knex('role').orderBy('role_id').pluck('name')).toEqual([
        'projectAdmin',
        'developer',
        'guest',
        'maintainer',
        'limitedGuest',
      ])
      await db.close()
    })

    it('give id 1 to the super user, without a password, and the next id to the next account', async () => {
      const rows = await fixture.db.knex('harbor_user').where('user_id', 1)
      expect(rows).toMatchObject([{ username: 'admin', password: '' }])
      await fixture.db.knex('harbor_user').insert({
        username: 'next',
        password: '',
        realname: '',
        creation_time: '2026-01-01 00:00:00.000',
        update_time: '2026-01-01 00:00:00.000',
      })
      const [{ user_id }] = await fixture.db.knex('harbor_user').where('username', 'next')
      expect(user_id).toBe(2)
    })

    it('refuse a database that is not whose the options say', async () => {
      const options = await fixture.empty()
      const expectsHarbor = openDatabase({ ...options, owner: 'harbor' })
      await expect(expectsHarbor.migrate()).rejects.toMatchObject({
        code: 'ERR_CONFIGURATION',
        message: 'database: owner says harbor, but the database is empty: check the name of the database',
      })
      expect(await expectsHarbor.knex.schema.hasTable(MIGRATIONS_TABLE)).toBe(false)
      await expectsHarbor.close()
    })
  })
})
