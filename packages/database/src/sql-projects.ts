import {
  type Clock,
  ConflictError,
  InvalidInputError,
  isProjectName,
  NotFoundError,
  systemClock,
} from '@lockkeeper/core'
import type { Member, Membership, NewProject, Person, Project, ProjectManager, ProjectQuery } from '@lockkeeper/rbac'
import type { Knex } from 'knex'
import { withId } from './accounts/administration.ts'
import { askedTogether } from './asked-together.ts'
import { UniqueViolationError } from './connection/guarded.ts'
import type { Database } from './database.ts'
import { insertId } from './insert-id.ts'
import { fromUtc, isId, toUtcText } from './values.ts'

const PROJECT_ADMIN = 1
const MOST_LISTED = 1000
const MOST_GROUPS = 1000

interface ProjectRow {
  readonly id: number
  readonly name: string
  readonly owner_id: number
  readonly creation_time: unknown
  /** `true` or `1`, in any case, for a public project. */
  readonly visibility: string | null
}

interface MemberRow {
  readonly entity_id: number
  readonly entity_type: string
  readonly role: number
}

/** Keeps projects and members in Harbor's tables, beside a Harbor or without one. */
export function sqlProjects(db: Database, parts: { readonly clock?: Clock } = {}): ProjectManager {
  const clock = parts.clock ?? systemClock
  const now = () => toUtcText(clock.wallMs())

  // A pull storm asks for one project many times at once.
  const read = askedTogether(async (name) => {
    const row: ProjectRow | undefined = await db.query((knex) => selectProjects(knex).where('p.name', name).first())
    return row && toProject(row)
  })

  return {
    get: async (name) => (isProjectName(name) ? read(name) : undefined),
    rolesOf: (project, person) => db.query((knex) => selectRoles(knex, project, person)),
    async list(query = {}) {
      const rows: readonly ProjectRow[] = await db.query((knex) => selectPage(knex, query))
      return rows.map(toProject)
    },
    async create(project) {
      checkName(project.name)
      try {
        return toProject(await db.transaction((trx) => insert(trx, project, now())))
      } catch (error) {
        if (!(error instanceof UniqueViolationError)) throw error
        throw new ConflictError(`a project named ${project.name} exists already`, { cause: error })
      }
    },
    async remove(project) {
      await db.transaction(async (trx) => {
        await requireProject(trx, project)
        const columns = { name: withId(project.name, project.id), deleted: true, update_time: now() }
        await trx('project').where('project_id', project.id).update(columns)
        await trx('project_member').where('project_id', project.id).delete()
      })
    },
    async setMember(project, member, role) {
      if (!isId(role)) throw new InvalidInputError(`role ${role} cannot be one: role ids are positive 32-bit integers`)
      await db.transaction(async (trx) => {
        await requireProject(trx, project)
        await upsertMember(trx, { ...memberColumns(project, member), role }, now())
      })
    },
    async removeMember(project, member) {
      await db.transaction(async (trx) => {
        await requireProject(trx, project)
        if ((await trx('project_member').where(memberColumns(project, member)).delete()) > 0) return
        throw new NotFoundError(`${member.kind} ${member.id} is no member of project ${project.name}`)
      })
    },
    async members(project) {
      const rows: readonly MemberRow[] = await db.query((knex) =>
        selectMembers(knex, project).orderBy('m.entity_type', 'desc').orderBy('m.entity_id'),
      )
      return rows.map(toMembership)
    },
    async setPublic(project, isPublic) {
      await db.transaction(async (trx) => {
        await requireProject(trx, project)
        await setVisibility(trx, project.id, isPublic, now())
      })
    },
  }
}

function selectProjects(knex: Knex): Knex.QueryBuilder<ProjectRow, ProjectRow[]> {
  return knex('project as p')
    .leftJoin('project_metadata as v', (on) => on.on('v.project_id', 'p.project_id').andOnVal('v.name', 'public'))
    .where('p.deleted', false)
    .select({
      id: 'p.project_id',
      name: 'p.name',
      owner_id: 'p.owner_id',
      creation_time: 'p.creation_time',
      visibility: 'v.value',
    })
}

function selectPage(knex: Knex, { isPublic, after = 0, limit = 100 }: ProjectQuery) {
  const most = Math.min(Math.max(Math.trunc(limit), 1), MOST_LISTED)
  const page = selectProjects(knex).where('p.project_id', '>', after).orderBy('p.project_id').limit(most)
  if (isPublic === undefined) return page
  return page.whereRaw(`coalesce(lower(v.value), '') ${isPublic ? 'in' : 'not in'} ('true', '1')`)
}

/** Rows of a project that is gone are no memberships, whoever left them there. */
function selectMembers(knex: Knex, project: Project) {
  return knex('project_member as m')
    .join('project as p', 'p.project_id', 'm.project_id')
    .where({ 'm.project_id': project.id, 'p.deleted': false })
    .select('m.entity_id', 'm.entity_type', 'm.role')
}

async function selectRoles(knex: Knex, project: Project, person: Person): Promise<readonly number[]> {
  const groups = person.groupIds.filter(isId).slice(0, MOST_GROUPS)
  const rows: readonly MemberRow[] = await selectMembers(knex, project).where((member) => {
    member.where({ 'm.entity_type': 'u', 'm.entity_id': isId(person.accountId) ? person.accountId : 0 })
    if (groups.length > 0) {
      member.orWhere((group) => group.where('m.entity_type', 'g').whereIn('m.entity_id', groups))
    }
  })
  return [...new Set(rows.map(({ role }) => role))].sort((a, b) => a - b)
}

async function insert(trx: Knex, { name, ownerId, isPublic }: NewProject, now: string): Promise<ProjectRow> {
  const times = { creation_time: now, update_time: now }
  const owner: unknown = isId(ownerId) && (await trx('harbor_user').where({ user_id: ownerId, deleted: false }).first())
  if (!owner) throw new NotFoundError(`there is no account with id ${ownerId} to own the project`)
  const id = await insertId(trx, 'project', 'project_id', { name, owner_id: ownerId, ...times })
  await setVisibility(trx, id, isPublic, now)
  const member = { project_id: id, entity_type: 'u', entity_id: ownerId, role: PROJECT_ADMIN }
  await upsertMember(trx, member, now)
  return { id, name, owner_id: ownerId, creation_time: now, visibility: String(isPublic) }
}

async function setVisibility(trx: Knex, projectId: number, isPublic: boolean, now: string): Promise<void> {
  const times = { creation_time: now, update_time: now }
  await trx('project_metadata')
    .insert({ project_id: projectId, name: 'public', value: String(isPublic), ...times })
    .onConflict(['project_id', 'name'])
    .merge(['value', 'update_time'])
}

async function upsertMember(trx: Knex, columns: object, now: string): Promise<void> {
  await trx('project_member')
    .insert({ ...columns, creation_time: now, update_time: now })
    .onConflict(['project_id', 'entity_id', 'entity_type'])
    .merge(['role', 'update_time'])
}

/** Locks the project's row, so that it cannot be removed in the middle. SQLite has one writer at a time anyway. */
async function requireProject(trx: Knex, { id, name }: Project): Promise<void> {
  const row: unknown = isId(id)
    ? await trx('project').where({ project_id: id, deleted: false }).forUpdate().first('project_id')
    : undefined
  if (row === undefined) throw new NotFoundError(`there is no project ${name}; it may have been removed`)
}

const memberColumns = (project: Project, { kind, id }: Member) => ({
  project_id: project.id,
  entity_type: kind === 'user' ? 'u' : 'g',
  entity_id: id,
})

const toMembership = ({ entity_id, entity_type, role }: MemberRow): Membership => ({
  // Harbor's column is padded with blanks in some databases.
  member: { kind: entity_type.trim() === 'u' ? 'user' : 'group', id: entity_id },
  role,
})

const toProject = (row: ProjectRow): Project => ({
  id: row.id,
  name: row.name,
  ownerId: row.owner_id,
  isPublic: /^(?:true|1)$/i.test(row.visibility ?? ''),
  createdAt: fromUtc(row.creation_time),
})

function checkName(name: string): void {
  if (isProjectName(name)) return
  throw new InvalidInputError(
    `${JSON.stringify(name)} cannot name a project: use groups of a-z and 0-9 joined by single dots, hyphens or underscores`,
  )
}
