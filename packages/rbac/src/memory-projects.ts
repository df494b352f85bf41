import {
  type Clock,
  ConflictError,
  InvalidInputError,
  isProjectName,
  NotFoundError,
  systemClock,
} from '@lockkeeper/core'
import type {
  Member,
  Membership,
  NewProject,
  Person,
  Project,
  ProjectManager,
  ProjectQuery,
} from './project-manager.ts'

/** A project that {@link memoryProjects} starts with. */
export interface ProjectSeed {
  readonly name: string
  /** Private by default. */
  readonly isPublic?: boolean
  /** Becomes projectAdmin; without an owner the project has the members below and no others. */
  readonly ownerId?: number
  /** Role ids by account id. */
  readonly users?: Readonly<Record<number, number>>
  /** Role ids by group id. */
  readonly groups?: Readonly<Record<number, number>>
}

const PROJECT_ADMIN = 1
const OWNED_BY_NOBODY = 0

/**
 * Projects kept in memory, for tests and small programs: what is created is gone when the process ends.
 *
 * @throws {InvalidInputError} or {ConflictError} when a seed's name, member or role cannot be one, or a name is
 * there twice.
 */
export function memoryProjects(
  seeds: readonly ProjectSeed[] = [],
  clock: Pick<Clock, 'wallMs'> = systemClock,
): ProjectManager {
  const byName = new Map<string, Stored>()
  let lastId = 0

  function add({ name, ownerId, isPublic }: NewProject): Stored {
    if (!isProjectName(name)) {
      throw new InvalidInputError(
        `${JSON.stringify(name)} cannot name a project: use groups of a-z and 0-9 joined by single dots, hyphens or underscores`,
      )
    }
    if (byName.has(name)) throw new ConflictError(`a project named ${name} exists already`)
    const project = { id: ++lastId, name, ownerId, isPublic, createdAt: new Date(clock.wallMs()) }
    const stored = { project, roles: new Map<string, Membership>() }
    byName.set(name, stored)
    return stored
  }

  for (const { name, isPublic = false, ownerId = OWNED_BY_NOBODY, users = {}, groups = {} } of seeds) {
    const { roles } = add({ name, ownerId, isPublic })
    if (ownerId !== OWNED_BY_NOBODY) join(roles, { kind: 'user', id: ownerId }, PROJECT_ADMIN)
    for (const [id, role] of Object.entries(users)) join(roles, { kind: 'user', id: readId(id) }, role)
    for (const [id, role] of Object.entries(groups)) join(roles, { kind: 'group', id: readId(id) }, role)
  }

  /** A name that was given to a newer project is not the same project. */
  const find = ({ id, name }: Project): Stored | undefined => {
    const stored = byName.get(name)
    return stored?.project.id === id ? stored : undefined
  }
  const existing = (project: Project): Stored => {
    const stored = find(project)
    if (!stored) throw new NotFoundError(`there is no project ${project.name}; it may have been removed`)
    return stored
  }

  return {
    async get(name) {
      return byName.get(name)?.project
    },
    async rolesOf(project, person) {
      return rolesAmong(find(project)?.roles.values() ?? [], person)
    },
    async list(query = {}) {
      return page(
        [...byName.values()].map(({ project }) => project),
        query,
      )
    },
    async create(project) {
      const stored = add(project)
      join(stored.roles, { kind: 'user', id: project.ownerId }, PROJECT_ADMIN)
      return stored.project
    },
    async remove(project) {
      byName.delete(existing(project).project.name)
    },
    async setMember(project, member, role) {
      join(existing(project).roles, member, role)
    },
    async removeMember(project, member) {
      if (existing(project).roles.delete(keyOf(member))) return
      throw new NotFoundError(`${member.kind} ${member.id} is no member of project ${project.name}`)
    },
    async members(project) {
      return [...(find(project)?.roles.values() ?? [])].sort(byMember)
    },
    async setPublic(project, isPublic) {
      const stored = existing(project)
      stored.project = { ...stored.project, isPublic }
    },
  }
}

interface Stored {
  project: Project
  readonly roles: Map<string, Membership>
}

function readId(key: string): number {
  if (/^[1-9]\d*$/.test(key)) return Number(key)
  throw new InvalidInputError(`${JSON.stringify(key)} cannot be a member: name people and groups by their ids`)
}

const keyOf = ({ kind, id }: Member): string => `${kind}:${id}`

function join(roles: Map<string, Membership>, member: Member, role: number): void {
  if (!Number.isInteger(role) || role < 1 || role > 0x7fffffff) {
    throw new InvalidInputError(`role ${role} cannot be one: role ids are positive integers`)
  }
  roles.set(keyOf(member), { member: { kind: member.kind, id: member.id }, role })
}

function rolesAmong(memberships: Iterable<Membership>, { accountId, groupIds }: Person): readonly number[] {
  const roles = new Set<number>()
  for (const { member, role } of memberships) {
    if (member.kind === 'user' ? member.id === accountId : groupIds.includes(member.id)) roles.add(role)
  }
  return [...roles].sort((a, b) => a - b)
}

function page(projects: readonly Project[], { isPublic, after = 0, limit = 100 }: ProjectQuery): readonly Project[] {
  const wanted = projects.filter((p) => p.id > after && (isPublic === undefined || p.isPublic === isPublic))
  return wanted.sort((a, b) => a.id - b.id).slice(0, Math.min(Math.max(limit, 1), 1000))
}

const byMember = (a: Membership, b: Membership): number =>
  a.member.kind === b.member.kind ? a.member.id - b.member.id : a.member.kind === 'user' ? -1 : 1
