import {
  type Authenticator,
  authenticated,
  type Call,
  type Clock,
  ConflictError,
  canonicalName,
  type Group,
  type Identity,
  isUsablePassword,
  rejected,
  systemClock,
} from '@lockkeeper/core'
import { groupsAnswer, usersAnswer } from './answers.ts'
import { groupSelector, identityReader } from './identity.ts'
import { parseUaaAuthOptions, type UaaAuthOptions } from './options.ts'
import { equals } from './scim-filter.ts'
import { UaaClient } from './uaa-client.ts'

/** Auth mode `uaa_auth`: connections to close are its own. */
export type UaaAuthenticator = Authenticator & AsyncDisposable

/**
 * Authenticates people of a Cloud Foundry UAA by the password grant, and takes who they are from UAA.
 *
 * UAA cannot be asked whether it knows a name, so this mode claims every name and is asked last. Tokens are dropped as
 * soon as the login that they were for has ended.
 *
 * @param options Checked here, files read here; nothing is connected before the first question.
 * @returns An authenticator for mode `uaa_auth`, or `uaa_auth/<instance>`. Dispose of it to close its connections.
 * @throws {ConfigurationError} with every problem found.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.3 | RFC 6749 section 4.3}, the password grant.
 */
export function uaaAuth(options: UaaAuthOptions, given: { readonly clock?: Clock } = {}): UaaAuthenticator {
  const settings = parseUaaAuthOptions(options)
  const uaa = new UaaClient(settings, given.clock ?? systemClock)
  const isGroup = groupSelector(settings.groups)
  const toIdentity = identityReader(settings, isGroup)

  return {
    mode: settings.mode,
    claimsEveryName: true,
    lookUp: async ({ canonical }) => ({
      async verify(password, call) {
        if (canonicalName(canonical) === undefined || !isUsablePassword(password)) return rejected('malformed')
        const grant = await uaa.passwordGrant(canonical, password, call)
        if (grant.outcome === 'rejected') return rejected(grant.reason)
        return authenticated(toIdentity(await uaa.userInfo(grant, call), grant.scopes))
      },
    }),
    async searchUser(username, call) {
      const canonical = canonicalName(username)
      return canonical === undefined ? undefined : await findPerson(canonical, call)
    },
    async searchGroup(key, call): Promise<Group | undefined> {
      if (!isGroup(key)) return undefined
      const query = { filter: equals('displayName', key), attributes: 'displayName' }
      const { resources } = await uaa.search('/Groups', groupsAnswer, query, call)
      // UAA compares without case, and a scope has one spelling.
      return resources.some(({ displayName }) => displayName === key) ? { key, name: key } : undefined
    },
    ping: async (call) => void (await uaa.clientToken(call)),
    [Symbol.asyncDispose]: async () => uaa.close(),
  }

  async function findPerson(canonical: string, call: Call): Promise<Identity | undefined> {
    const { mode, origin } = settings
    const byName = equals('userName', canonical)
    const filter = origin === undefined ? byName : `${byName} and ${equals('origin', origin)}`
    const { resources } = await uaa.search('/Users', usersAnswer, { filter, attributes: PERSON }, call)
    const people = resources.filter(({ userName }) => canonicalName(userName) === canonical)
    const [person, another] = people.filter(({ active }) => active !== false)
    if (person === undefined) return undefined
    if (another !== undefined) {
      throw new ConflictError(`${mode}: ${canonical} is a user of several origins in UAA; set origin to one of them`)
    }
    const { id, userName, name, emails } = person
    const fullName = [name?.givenName, name?.familyName].filter((part) => part !== undefined).join(' ')
    const email = emails?.find(({ value }) => value !== undefined)?.value
    // Scopes are granted with a token, so a person who was merely found is in no group.
    return toIdentity({ user_id: id, user_name: userName, name: fullName || undefined, email }, [])
  }
}

const PERSON = 'id,userName,name,emails,active'
