import { type AuthResult, authenticated, rejected } from '@lockkeeper/core'
import type { Budget } from './budget.ts'
import type { Directory } from './directory.ts'
import { normaliseDn } from './dn.ts'
import { DirectoryFailure } from './failure.ts'
import { anyEntry } from './filter.ts'
import { type Identities, verifyPassword } from './identities.ts'
import type { LdapAuthSettings } from './options.ts'
import { bufferAttributes, isPerson, personAttributes, readPerson } from './person.ts'
import type { UserDn } from './user-dn-template.ts'

/** Binds people by a name made of what they typed, without a search account; their own entry says who they are. */
export class DirectBind {
  readonly #settings: LdapAuthSettings
  readonly #userDn: UserDn
  readonly #directory: Directory
  readonly #identities: Identities

  constructor(settings: LdapAuthSettings, userDn: UserDn, directory: Directory, identities: Identities) {
    this.#settings = settings
    this.#userDn = userDn
    this.#directory = directory
    this.#identities = identities
  }

  /** Every name is taken for one of the directory's: who has none is refused by the bind. */
  verify(canonical: string, password: string, budget: Budget): Promise<AuthResult> {
    const dn = this.#userDn(canonical)
    const { filter } = this.#settings
    return this.#directory.withOwnConnection(budget, async (own) => {
      const verdict = await verifyPassword(own, dn, password, budget)
      if (verdict.outcome === 'refused') return rejected(verdict.reason)
      const request = {
        base: dn,
        scope: 'base' as const,
        filter: filter ?? anyEntry,
        attributes: personAttributes(this.#settings),
        asBytes: bufferAttributes(this.#settings),
        enough: 2,
      }
      const [entry] = await own.search(request, budget)
      if (entry === undefined && filter !== undefined) return rejected('not_allowed')
      if (entry === undefined || normaliseDn(entry.dn) !== normaliseDn(dn)) {
        throw new DirectoryFailure('configure', 'userDnTemplate', 'people must be allowed to read their own entries')
      }
      const found = readPerson(entry, canonical, this.#settings)
      if (!isPerson(found)) return rejected(found.reason)
      return authenticated(await this.#identities.of(found, (question) => own.search(question, budget)))
    })
  }
}
