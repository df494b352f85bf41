import { fakeClock } from '@lockkeeper/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, sqlAccounts, sqlProjects } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const before = process.env.TZ
beforeAll(() => {
  process.env.TZ = 'America/New_York'
})
afterAll(() => {
  if (before === undefined) delete process.env.TZ
  else process.env.TZ = before
})

onEveryDatabase((fixture) => {
  describe('instants in columns without a zone', () => {
    it('are written and read as UTC by a process that lives in another zone, also in the hour that a clock skips', async () => {
      expect(new Date(0).getTimezoneOffset()).toBe(300)
      const { id } = await sqlAccounts(fixture.db).add({ username: 'owner' })
      const instants = ['2026-03-08T02:30:00.123Z', '2026-07-05T12:00:00.000Z', '2026-11-01T05:30:00.999Z']
      for (const [index, instant] of instants.entries()) {
        const projects = sqlProjects(fixture.db, { clock: fakeClock({ wallMs: Date.parse(instant) }) })
        const { createdAt } = await projects.create({ name: `zone-${index}`, ownerId: id, isPublic: false })
        expect(createdAt.toISOString()).toBe(instant)
        expect((await projects.get(`zone-${index}`))?.createdAt.toISOString()).toBe(instant)
      }
    })

    it('are what the server’s own clock writes, too', async () => {
      const { knex } = fixture.db
      const { id } = await sqlAccounts(fixture.db).add({ username: 'clocked' })
      const { id: projectId } = await sqlProjects(fixture.db).create({ name: 'clocked', ownerId: id, isPublic: false })
      await knex('project').where('project_id', projectId).update({ creation_time: knex.fn.now() })
      const read = await sqlProjects(fixture.db).get('clocked')
      expect(Math.abs(read!.createdAt.getTime() - Date.now())).toBeLessThan(60_000)
    })

    it('are the same for two databases that were opened in different zones', async () => {
      const options = await fixture.empty()
      const here = openDatabase(options)
      await here.migrate()
      const { id } = await sqlAccounts(here).add({ username: 'traveller' })
      const made = await sqlProjects(here).create({ name: 'travelling', ownerId: id, isPublic: false })
      await here.close()
      process.env.TZ = 'Asia/Tokyo'
      const there = openDatabase(options)
      expect(await sqlProjects(there).get('travelling')).toEqual(made)
      await there.close()
      process.env.TZ = 'America/New_York'
    })
  })
})
