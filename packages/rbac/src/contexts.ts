import {
  type Account,
  BackendUnavailableError,
  isBackendUnavailable,
  isProjectName,
  type SecurityContext,
} from '@lockkeeper/core'
import { evaluate } from './evaluate.ts'
import { HARBOR_POLICY, type Policy } from './policy.ts'
import type { Person, ProjectManager } from './project-manager.ts'
import type { Standing } from './subject.ts'

/** The part of a {@link ProjectManager} that decisions need. */
export type ProjectReader = Pick<ProjectManager, 'get' | 'rolesOf'>

/** What a {@link localContext} is made of. */
export interface LocalContextParts {
  readonly account: Account
  readonly projects: ProjectReader
  /** {@link HARBOR_POLICY} by default. */
  readonly policy?: Policy
}

/** Somebody who did not log in: what everybody may do in public projects, and nothing else. */
export function anonymousContext(projects: ProjectReader, policy: Policy = HARBOR_POLICY): SecurityContext {
  const nobody = { kind: 'anonymous', isAuthenticated: false, username: '', isSysAdmin: false, isSolutionUser: false }
  return createContext(nobody, rememberStandings(projects), policy)
}

/**
 * An account that logged in. Make one per request: it reads each project once and keeps what it read, so that all
 * answers of one request agree and the next request sees every change.
 */
export function localContext({ account, projects, policy = HARBOR_POLICY }: LocalContextParts): SecurityContext {
  const { id: accountId, username, isAdmin: isSysAdmin, groupIds } = account
  const self = { kind: 'local', isAuthenticated: true, username, accountId, isSysAdmin, isSolutionUser: false }
  return createContext(self, rememberStandings(projects, { accountId, groupIds }), policy)
}

type StandingIn = (project: string) => Promise<Standing | undefined>

function createContext(
  self: Omit<SecurityContext, 'can' | 'explain'>,
  standingIn: StandingIn,
  policy: Policy,
): SecurityContext {
  const explain: SecurityContext['explain'] = async (action, resource) => {
    const projects = new Map<string, Standing>()
    if (resource.kind === 'project' || resource.kind === 'repository') {
      const standing = await standingIn(resource.project)
      if (standing) projects.set(resource.project, standing)
    }
    return evaluate({ name: self.username, isSysAdmin: self.isSysAdmin, projects }, action, resource, policy)
  }
  const can: SecurityContext['can'] = async (action, resource) => (await explain(action, resource)).allowed
  return Object.freeze({ ...self, can, explain })
}

/** More than this many projects in one request are read again when they are asked about again. */
const MAX_REMEMBERED = 256

/** Reads each project once, also when it is asked about many times at once; an outage is remembered like an answer. */
function rememberStandings(projects: ProjectReader, person?: Person): StandingIn {
  const remembered = new Map<string, Promise<Standing | undefined>>()
  return (name) => {
    const known = remembered.get(name)
    if (known) return known
    const reading = readStanding(projects, name, person)
    if (remembered.size < MAX_REMEMBERED) remembered.set(name, reading)
    return reading
  }
}

async function readStanding(projects: ProjectReader, name: string, person?: Person): Promise<Standing | undefined> {
  if (!isProjectName(name)) return undefined
  try {
    const project = await projects.get(name)
    if (project === undefined) return undefined
    const roles = person === undefined ? [] : await projects.rolesOf(project, person)
    return { isPublic: project.isPublic === true, roles: [...roles] }
  } catch (error) {
    if (isBackendUnavailable(error)) throw error
    throw new BackendUnavailableError('projects', 'failed unexpectedly', { cause: error })
  }
}
