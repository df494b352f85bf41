import {
  type AccountRecord,
  type AccountStore,
  canonicalName,
  InvalidInputError,
  NotFoundError,
} from '@lockkeeper/core'
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

/**
 * @param what What it has to be able to do, as the error says it.
 * @param advice What else can be done, for the end of the error.
 * @throws {InvalidInputError} when none of these has the name.
 */
export function modeNamed<Mode extends { readonly mode: string }>(
  name: string,
  what: string,
  modes: readonly Mode[],
  advice = '',
): Mode {
  const found = modes.find(({ mode }) => mode === name)
  if (found) return found
  const others = modes.length === 0 ? 'there is none' : `there are: ${modes.map(({ mode }) => mode).join(', ')}`
  throw new InvalidInputError(`${name} is no auth mode here that ${what}; ${others}${advice}`)
}
