import { randomBytes } from 'node:crypto'
import { type AuthResult, abstained, authenticated, rejected } from '@lockkeeper/core'
import type { Budget } from './budget.ts'
import type { Directory } from './directory.ts'
import type { SearchRequest } from './directory-connection.ts'
import { type Dn, isAtOrBelow, parseDn } from './dn.ts'
import type { DirectoryEntry } from './entry.ts'
import type { LdapNews } from './events.ts'
import { DirectoryFailure } from './failure.ts'
import { userFilter } from './filter.ts'
import { type Identities, type PasswordVerdict, verifyPassword } from './identities.ts'
import type { LdapAuthSettings } from './options.ts'
import { bufferAttributes, isPerson, type Person, personAttributes, readPerson } from './person.ts'

/** What a name stands for in the directory. */
export type Finding =
  | { readonly outcome: 'nobody' }
  | { readonly outcome: 'person'; readonly person: Person }
  /** The name is the directory's, and nobody can log in with it. */
  | { readonly outcome: 'unusable'; readonly account: string; readonly result: AuthResult }

/** A verification, given the time it may take. */
export type Verify = (password: string, budget: Budget) => Promise<AuthResult>

/** Finds people with the search account, and verifies a password with a bind as whom it found. */
export class SearchAndBind {
  readonly #settings: LdapAuthSettings
  readonly #base: Dn | undefined
  /** All of the question that is the same for every name. */
  readonly #question: Omit<SearchRequest, 'filter'>
  readonly #directory: Directory
  readonly #identities: Identities
  readonly #tell: (news: LdapNews) => void

  constructor(
    settings: LdapAuthSettings,
    directory: Directory,
    identities: Identities,
    tell: (news: LdapNews) => void,
  ) {
    this.#settings = settings
    this.#base = parseDn(settings.baseDn ?? '')
    this.#question = {
      base: settings.baseDn ?? '',
      scope: settings.scope,
      attributes: personAttributes(settings),
      asBytes: bufferAttributes(settings),
      // Two are as bad as two thousand.
      enough: 2,
    }
    this.#directory = directory
    this.#identities = identities
    this.#tell = tell
  }

  /** Looks a canonical name up: exactly one entry is somebody. */
  async find(canonical: string, budget: Budget): Promise<Finding> {
    const { usernameAttribute, filter } = this.#settings
    const question = { ...this.#question, filter: userFilter(usernameAttribute, canonical, filter) }
    const [entry, ...others] = await this.#directory.search(question, budget)
    if (entry === undefined) return { outcome: 'nobody' }
    if (others.length > 0) return this.#ambiguous(canonical)
    this.#checkPlace(entry)
    const found = readPerson(entry, canonical, this.#settings)
    if (isPerson(found)) return { outcome: 'person', person: found }
    this.#tell({
      type: 'unusable_entry',
      name: canonical,
      message: `${entry.dn} ${found.why}: nobody can log in with it`,
    })
    return { outcome: 'unusable', account: found.id, result: rejected(found.reason) }
  }

  /** Who the finding is, with groups; for administration too. */
  identify(person: Person, budget: Budget) {
    return this.#identities.of(person, (request) => this.#directory.search(request, budget))
  }

  /** Each finding costs the same up to the answer: one connection, and one bind on it. */
  candidateOf(finding: Finding): { readonly account?: string; readonly verify: Verify } {
    switch (finding.outcome) {
      case 'nobody':
        return { verify: (password, budget) => this.#standIn(password, abstained, budget) }
      case 'unusable':
        return {
          account: finding.account,
          verify: (password, budget) => this.#standIn(password, finding.result, budget),
        }
      case 'person':
        return {
          account: finding.person.id,
          verify: (password, budget) => this.#verify(finding.person, password, budget),
        }
    }
  }

  async #verify(person: Person, password: string, budget: Budget): Promise<AuthResult> {
    const verdict = await this.#bind(person.dn, password, budget)
    if (verdict.outcome === 'refused') return rejected(verdict.reason)
    return authenticated(await this.identify(person, budget))
  }

  /** A bind that nobody can win, with a password of the same length that nobody has. */
  async #standIn(password: string, result: AuthResult, budget: Budget): Promise<AuthResult> {
    const nobody = `cn=${randomBytes(12).toString('hex')}`
    const base = this.#settings.baseDn ?? ''
    const length = Buffer.byteLength(password)
    const invented = randomBytes(length).toString('hex').slice(0, length)
    await this.#bind(base.trim() === '' ? nobody : `${nobody},${base}`, invented, budget)
    return result
  }

  #bind(dn: string, password: string, budget: Budget): Promise<PasswordVerdict> {
    return this.#directory.withOwnConnection(budget, (own) => verifyPassword(own, dn, password, budget))
  }

  #ambiguous(canonical: string): Finding {
    const message = `several entries have this ${this.#settings.usernameAttribute}: nobody can log in with it`
    this.#tell({ type: 'ambiguous_name', name: canonical, message })
    return { outcome: 'unusable', account: `ambiguous ${canonical}`, result: rejected('ambiguous') }
  }

  /** The root's name would bind as "nobody in particular"; an entry elsewhere was not asked for. */
  #checkPlace({ dn }: DirectoryEntry): void {
    const place = parseDn(dn)
    if (place && this.#base && place.rdns.length > 0 && isAtOrBelow(place, this.#base)) return
    throw new DirectoryFailure('configure', 'baseDn', 'the directory answered with an entry from outside the base')
  }
}
