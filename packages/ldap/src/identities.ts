import type { Identity } from '@lockkeeper/core'
import type { Budget } from './budget.ts'
import type { DirectoryConnection } from './directory-connection.ts'
import type { LdapNews } from './events.ts'
import { DirectoryFailure } from './failure.ts'
import { GroupFinder, type Search } from './groups.ts'
import type { LdapAuthSettings } from './options.ts'
import type { Person } from './person.ts'
import { type BindVerdict, judgeBind } from './result-codes.ts'
import { addressOf } from './wire/open-socket.ts'

/** A verdict about the password: anything else is thrown. */
export type PasswordVerdict = Exclude<BindVerdict, { readonly outcome: 'cannot_tell' }>

/**
 * Binds somebody once and judges the answer.
 *
 * @throws {DirectoryFailure} when the answer says nothing about the password.
 */
export async function verifyPassword(
  own: DirectoryConnection,
  dn: string,
  password: string,
  budget: Budget,
): Promise<PasswordVerdict> {
  const answer = await own.bind(dn, password, budget)
  const verdict = judgeBind(answer)
  if (verdict.outcome !== 'cannot_tell') return verdict
  const what = `${addressOf(own.server)} answers a login with code ${answer.resultCode}`
  throw new DirectoryFailure('wait', 'url', `${what}, which says nothing about the password`)
}

/** Makes identities of people: who they are, and their groups as they are now. */
export class Identities {
  readonly #settings: LdapAuthSettings
  readonly #groups: GroupFinder
  readonly #tell: (news: LdapNews) => void

  constructor(settings: LdapAuthSettings, tell: (news: LdapNews) => void) {
    this.#settings = settings
    this.#groups = new GroupFinder(settings)
    this.#tell = tell
  }

  /** @param search Asks for the groups, as whoever may see them. */
  async of(person: Person, search: Search): Promise<Identity> {
    const { mode, issuer } = this.#settings
    const { id, username, email, displayName } = person
    const { groups, isAdmin, isCut } = await this.#groups.membershipOf(person, search)
    if (isCut) {
      const message = `${username} is in more groups than groups.max allows; the others are ignored`
      this.#tell({ type: 'too_many_groups', name: username, message })
    }
    return {
      mode,
      issuer,
      subject: id,
      username,
      ...(email !== undefined && { email }),
      ...(displayName !== undefined && { displayName }),
      groups,
      ...(isAdmin !== undefined && { isAdmin }),
    }
  }
}
