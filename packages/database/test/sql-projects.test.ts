import type { Project, ProjectManager } from '@lockkeeper/rbac'
import { fakeClock } from '@lockkeeper/testing'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sqlAccounts, sqlProjects } from '../src/index.ts'
import { onEveryDatabase } from './on-every-database.ts'

const WALL = Date.UTC(2026, 6, 5, 3, 4, 5, 678)

onEveryDatabase((fixture) => {
  let projects: ProjectManager
  let owner: number
  let names = 0
  let project: Project

  const user = (id: number) => ({ kind: 'user', id }) as const
  const group = (id: number) => ({ kind: 'group', id }) as const
  const person = (accountId: number, ...groupIds: readonly number[]) => ({ accountId, groupIds })

  beforeAll(async () => {
    projects = sqlProjects(fixture.db, { clock: fakeClock({ wallMs: WALL }) })
    owner = (await sqlAccounts(fixture.db).add({ username: 'owner' })).id
  })
  beforeEach(async () => {
    names += 1
    project = await projects.create({ name: `team-${names}`, ownerId: owner, isPublic: false })
  })

  describe('projects', () => {
    it('are found by their exact name, as they were made', async () => {
      const made = { id: project.id, name: project.name, ownerId: owner, isPublic: false, createdAt: new Date(WALL) }
      expect(project).toEqual(made)
      expect(await projects.get(project.name)).toEqual(made)
      for (const other of [
        project.name.toUpperCase(),
        `${project.name} `,
        'team',
        '',
        'no such',
        '%',
        'x'.repeat(256),
      ]) {
        expect(await projects.get(other), other).toBeUndefined()
      }
    })

    it('make their owner a projectAdmin, and nobody else anything', async () => {
      expect(await projects.rolesOf(project, person(owner))).toEqual([1])
      expect(await projects.rolesOf(project, person(owner + 1, owner))).toEqual([])
      expect(await projects.members(project)).toEqual([{ member: user(owner), role: 1 }])
    })

    it('refuse a name that is taken, changing nothing', async () => {
      await expect(projects.create({ ...project, isPublic: true })).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
      expect(await projects.get(project.name)).toEqual(project)
    })

    it('refuse a name that cannot be one, and an owner that is not there, leaving nothing behind', async () => {
      for (const name of ['', 'A', 'a b', 'a..b', '-a', 'x'.repeat(256)]) {
        const refused = projects.create({ name, ownerId: owner, isPublic: false })
        await expect(refused, name).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
      }
      for (const ownerId of [4711, 0, -1]) {
        const refused = projects.create({ name: 'orphan', ownerId, isPublic: false })
        await expect(refused).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      }
      expect(await projects.get('orphan')).toBeUndefined()
    })

    it('are made once when several try together', async () => {
      const tries = Array.from({ length: 4 }, () =>
        projects.create({ name: `race-${names}`, ownerId: owner, isPublic: false }),
      )
      const settled = await Promise.allSettled(tries)
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await projects.members((await projects.get(`race-${names}`))!)).toHaveLength(1)
    })

    it('are public by `true` or `1` in any case, as Harbor reads it, and by nothing else', async () => {
      const values = { true: true, TRUE: true, True: true, '1': true, false: false, '0': false, yes: false, '': false }
      const metadata = fixture.db.knex('project_metadata').where({ project_id: project.id, name: 'public' })
      for (const [value, isPublic] of Object.entries(values)) {
        await metadata.clone().update({ value })
        expect((await projects.get(project.name))?.isPublic, value).toBe(isPublic)
        const listed = await projects.list({ isPublic, after: project.id - 1 })
        expect(
          listed.map(({ id }) => id),
          value,
        ).toContain(project.id)
        expect((await projects.list({ isPublic: !isPublic, after: project.id - 1 })).map(({ id }) => id)).not.toContain(
          project.id,
        )
      }
      await metadata.clone().delete()
      expect(await projects.get(project.name)).toMatchObject({ isPublic: false })
      expect((await projects.list({ isPublic: false, after: project.id - 1 })).map(({ id }) => id)).toContain(
        project.id,
      )
    })

    it('can be opened and closed', async () => {
      await projects.setPublic(project, true)
      expect(await projects.get(project.name)).toMatchObject({ isPublic: true })
      await projects.setPublic(project, false)
      expect(await projects.get(project.name)).toMatchObject({ isPublic: false })
    })

    it('are listed by page', async () => {
      await projects.create({ name: `page-${names}`, ownerId: owner, isPublic: true })
      const page = await projects.list({ after: project.id - 1, limit: 1 })
      expect(page.map(({ name }) => name)).toEqual([project.name])
      const next = await projects.list({ after: project.id, limit: 1 })
      expect(next.map(({ name }) => name)).toEqual([`page-${names}`])
      expect(await projects.list({ after: project.id, limit: 0 })).toHaveLength(1)
    })

    it('are removed softly: the name is free for a project of another id, whose members are its own', async () => {
      await projects.setMember(project, user(77), 2)
      await projects.remove(project)
      expect(await projects.get(project.name)).toBeUndefined()
      expect(await projects.rolesOf(project, person(77))).toEqual([])
      const [row] = await fixture.db.knex('project').where('project_id', project.id)
      expect(row.name).toBe(`${project.name}#${project.id}`)

      const again = await projects.create({ name: project.name, ownerId: owner, isPublic: false })
      expect(again.id).not.toBe(project.id)
      expect(await projects.rolesOf(again, person(77))).toEqual([])
      await expect(projects.remove(project)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    })
  })

  describe('members', () => {
    it('have every role they are given, directly and by groups, each once', async () => {
      await projects.setMember(project, user(5), 3)
      await projects.setMember(project, group(5), 2)
      await projects.setMember(project, group(6), 2)
      await projects.setMember(project, group(7), 4)
      expect(await projects.rolesOf(project, person(5))).toEqual([3])
      expect(await projects.rolesOf(project, person(5, 5, 6))).toEqual([2, 3])
      expect(await projects.rolesOf(project, person(99, 7, 5))).toEqual([2, 4])
      expect(await projects.rolesOf(project, person(99))).toEqual([])
    })

    it('are told apart from a group of the same id', async () => {
      await projects.setMember(project, group(owner), 5)
      await projects.setMember(project, user(owner), 2)
      expect(await projects.members(project)).toEqual([
        { member: user(owner), role: 2 },
        { member: group(owner), role: 5 },
      ])
      await projects.removeMember(project, user(owner))
      expect(await projects.members(project)).toEqual([{ member: group(owner), role: 5 }])
    })

    it('change their role when they are set again', async () => {
      await projects.setMember(project, user(8), 2)
      await projects.setMember(project, user(8), 1_000_000)
      expect(await projects.rolesOf(project, person(8))).toEqual([1_000_000])
    })

    it('cannot have a role that no column could hold', async () => {
      for (const role of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
        const refused = projects.setMember(project, user(8), role)
        await expect(refused).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT' })
      }
      expect(await projects.rolesOf(project, person(8))).toEqual([])
    })

    it('of a project that is gone, or who are none, are not there', async () => {
      await expect(projects.removeMember(project, user(4711))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      const gone = { ...project, id: 4711 }
      await expect(projects.setMember(gone, user(5), 2)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      await expect(projects.removeMember(gone, user(owner))).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      await expect(projects.setPublic(gone, true)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
      expect(await projects.members(gone)).toEqual([])
      expect(await projects.rolesOf(gone, person(owner))).toEqual([])
    })

    it('may be in very many groups', async () => {
      await projects.setMember(project, group(900), 2)
      const groups = Array.from({ length: 1000 }, (_, index) => index + 1)
      expect(await projects.rolesOf(project, person(99, ...groups))).toEqual([2])
    })
  })
})
