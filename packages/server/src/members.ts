import { InvalidInputError, NotFoundError } from '@lockkeeper/core'
import type { Member } from '@lockkeeper/rbac'
import { closeModes, makeModes } from './modes.ts'
import { accountNamed } from './names.ts'
import type { Place, Stores } from './stores.ts'

const SEARCH_MS = 10_000

/**
 * Finds who is named: an account, or with `mode` a group of that auth mode by its key, such as a distinguished name. A
 * group that nobody of has logged in yet is stored now.
 *
 * @throws {NotFoundError} when there is nobody of that name, or the mode knows no such group.
 */
export async function memberNamed(
  name: string,
  mode: string | undefined,
  stores: Stores,
  place: Place,
): Promise<Member> {
  if (mode === undefined) return { kind: 'user', id: (await accountNamed(stores.accounts, name)).id }
  const authenticators = await makeModes(place, { stores, warn: () => {} })
  try {
    const authenticator = authenticators.find((candidate) => candidate.mode === mode)
    if (!authenticator?.searchGroup) {
      const able = authenticators.flatMap((candidate) => (candidate.searchGroup ? candidate.mode : []))
      const others = able.length === 0 ? 'none here can' : `these can: ${able.join(', ')}`
      throw new InvalidInputError(`${mode} is no auth mode here that can be asked for groups; ${others}`)
    }
    const group = await authenticator.searchGroup(name, { signal: AbortSignal.timeout(SEARCH_MS) })
    if (group === undefined) throw new NotFoundError(`${mode} knows no group ${JSON.stringify(name)}`)
    const [id] = await stores.accounts.groupIds(mode, [group])
    if (id === undefined) throw new NotFoundError(`the group ${JSON.stringify(name)} cannot be stored`)
    return { kind: 'group', id }
  } finally {
    await closeModes(authenticators)
  }
}
