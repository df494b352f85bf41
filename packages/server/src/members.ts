import { InvalidInputError, LOCAL_MODE, NotFoundError } from '@lockkeeper/core'
import type { Member, Project } from '@lockkeeper/rbac'
import { closeModes, makeModes } from './modes.ts'
import { accountNamed } from './names.ts'
import type { Place, Stores } from './stores.ts'

const SEARCH_MS = 10_000

/** Somebody who gets a role, and what the operator should know about that. */
export interface NewMember {
  readonly member: Member
  readonly note?: string
}

/**
 * Finds who is to get a role: an account, or with `mode` a group of that auth mode by its key, such as a distinguished
 * name. A mode that cannot be asked for groups is believed to have it. A group that nobody of has logged in yet is
 * stored now.
 *
 * @throws {NotFoundError} when there is nobody of that name, or the mode knows no such group.
 * @throws {InvalidInputError} when there is no such mode, or it has no groups.
 */
export async function newMember(
  name: string,
  mode: string | undefined,
  stores: Stores,
  place: Place,
): Promise<NewMember> {
  if (mode === undefined) return { member: await userNamed(name, stores) }
  const authenticators = await makeModes(place, { stores, warn: () => {} })
  try {
    const withGroups = authenticators.filter((candidate) => candidate.mode !== LOCAL_MODE)
    const authenticator = withGroups.find((candidate) => candidate.mode === mode)
    if (authenticator === undefined) {
      const others =
        withGroups.length === 0 ? 'none has' : `these have: ${withGroups.map((one) => one.mode).join(', ')}`
      throw new InvalidInputError(`${mode} is no auth mode here that has groups; ${others}`)
    }
    const group = authenticator.searchGroup
      ? await authenticator.searchGroup(name, { signal: AbortSignal.timeout(SEARCH_MS) })
      : { key: name }
    if (group === undefined) throw new NotFoundError(`${mode} knows no group ${JSON.stringify(name)}`)
    const [id] = await stores.accounts.groupIds(mode, [group])
    if (id === undefined) throw new NotFoundError(`the group ${JSON.stringify(name)} cannot be stored`)
    const note = `${mode} cannot be asked for groups: this counts when a login names the group exactly so`
    return { member: { kind: 'group', id }, ...(authenticator.searchGroup === undefined && { note }) }
  } finally {
    await closeModes(authenticators)
  }
}

/**
 * Finds who is to lose a role among the members, without asking a mode: a group may be gone from its directory.
 *
 * @throws {NotFoundError} when there is no such member.
 */
export async function presentMember(
  name: string,
  mode: string | undefined,
  project: Project,
  stores: Stores,
): Promise<Member> {
  if (mode === undefined) return await userNamed(name, stores)
  const members = (await stores.projects.members(project)).map(({ member }) => member)
  const ids = members.filter(({ kind }) => kind === 'group').map(({ id }) => id)
  const groups = (await stores.accounts.groupsById(ids)).filter((group) => group.mode === mode)
  const group =
    groups.find(({ key }) => key === name) ?? groups.find(({ key }) => key.toLowerCase() === name.toLowerCase())
  if (group !== undefined) return { kind: 'group', id: group.id }
  const others = groups.length === 0 ? 'none is' : `these are: ${groups.map(({ key }) => key).join('; ')}`
  throw new NotFoundError(`no group ${JSON.stringify(name)} of ${mode} is a member of ${project.name}; ${others}`)
}

async function userNamed(name: string, { accounts }: Stores): Promise<Member> {
  return { kind: 'user', id: (await accountNamed(accounts, name)).id }
}
