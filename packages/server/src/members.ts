import { type Authenticator, type Call, ConflictError, LOCAL_MODE, NotFoundError } from '@lockkeeper/core'
import type { Member, Project } from '@lockkeeper/rbac'
import { closeModes, makeModes } from './modes.ts'
import { accountNamed, modeNamed } from './names.ts'
import type { Place, Stores } from './stores.ts'

const SEARCH_MS = 10_000
const CAN_FIND = 'can be asked for people'
const UNTIL_THEN = '; people of other modes can be added by their name once they have logged in'

/** Somebody who gets a role, and what the operator should know about that. */
export interface NewMember {
  readonly member: Member
  readonly note?: string
}

/** Where a name comes from that is no account's. */
export interface NamedBy {
  /** The auth mode that knows the person. */
  readonly user?: string
  /** The auth mode whose group it is. */
  readonly group?: string
}

/**
 * Finds who is to get a role: an account; somebody whom an auth mode knows, who gets an account now if there was none; or
 * a group by the key that its mode has for it, such as a distinguished name. A mode that cannot be asked for groups is
 * believed to have it.
 *
 * @throws {NotFoundError} when there is nobody of that name, or no such group.
 * @throws {InvalidInputError} when there is no such mode, or it cannot be asked for people, or has no groups.
 * @throws {ConflictError} when the person's user name belongs to somebody else here.
 */
export async function newMember(
  name: string,
  { user, group }: NamedBy,
  stores: Stores,
  place: Place,
): Promise<NewMember> {
  const mode = user ?? group
  if (mode === undefined) return { member: await userNamed(name, stores) }
  const authenticators = await makeModes(place, { stores, warn: () => {} })
  try {
    const others = authenticators.filter((one) => one.mode !== LOCAL_MODE)
    const call = { signal: AbortSignal.timeout(SEARCH_MS) }
    return user === undefined
      ? await newGroup(name, modeNamed(mode, 'has groups', others), { stores, call })
      : await newPerson(name, modeNamed(mode, CAN_FIND, others.filter(canFindPeople), UNTIL_THEN), { stores, call })
  } finally {
    await closeModes(authenticators)
  }
}

type AsksForPeople = Authenticator & Required<Pick<Authenticator, 'searchUser'>>
interface Asking {
  readonly stores: Stores
  readonly call: Call
}

const canFindPeople = (mode: Authenticator): mode is AsksForPeople => mode.searchUser !== undefined

async function newPerson(name: string, asked: AsksForPeople, { stores, call }: Asking): Promise<NewMember> {
  const identity = await asked.searchUser(name, call)
  if (identity === undefined) throw new NotFoundError(`${asked.mode} knows nobody called ${JSON.stringify(name)}`)
  const { accounts } = stores
  const account = (await accounts.findByLink(identity)) ?? (await accounts.onboard(identity))
  if (account) return { member: { kind: 'user', id: account.id } }
  throw new ConflictError(`the user name ${identity.username} belongs to another account; see: lockkeeper user list`)
}

async function newGroup(name: string, asked: Authenticator, { stores, call }: Asking): Promise<NewMember> {
  const { mode } = asked
  const group = asked.searchGroup ? await asked.searchGroup(name, call) : { key: name }
  if (group === undefined) throw new NotFoundError(`${mode} knows no group ${JSON.stringify(name)}`)
  const [id] = await stores.accounts.groupIds(mode, [group])
  if (id === undefined) throw new NotFoundError(`the group ${JSON.stringify(name)} cannot be stored`)
  const note = `${mode} cannot be asked for groups: this counts when a login names the group exactly so`
  return { member: { kind: 'group', id }, ...(asked.searchGroup === undefined && { note }) }
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
  const members = (await stores.projects.members(project)).map(({ member }) => member)
  if (mode === undefined) {
    const user = await userNamed(name, stores)
    if (members.some(({ kind, id }) => kind === user.kind && id === user.id)) return user
    throw new NotFoundError(`${name} is no member of ${project.name}; see: lockkeeper member list ${project.name}`)
  }
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
