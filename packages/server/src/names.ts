import { type AccountRecord, type AccountStore, canonicalName, NotFoundError } from '@lockkeeper/core'
import type { Project, ProjectManager } from '@lockkeeper/rbac'

/** @throws {NotFoundError} when nobody has this name. */
export async function accountNamed(accounts: AccountStore, name: string): Promise<AccountRecord> {
  const canonical = canonicalName(name)
  const account = canonical === undefined ? undefined : await accounts.findByName({ typed: name, canonical })
  if (account === undefined)
    throw new NotFoundError(`there is no user ${JSON.stringify(name)}; see: lockkeeper user list`)
  return account
}

/** @throws {NotFoundError} when there is no such project. */
export async function projectNamed(projects: ProjectManager, name: string): Promise<Project> {
  const project = await projects.get(name)
  if (project === undefined)
    throw new NotFoundError(`there is no project ${JSON.stringify(name)}; see: lockkeeper project list`)
  return project
}
