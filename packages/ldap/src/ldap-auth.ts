import {
  type Authenticator,
  abstained,
  type Call,
  ConflictError,
  canonicalName,
  type Group,
  type Identity,
  isUsablePassword,
  rejected,
} from '@lockkeeper/core'
import { askDirectory } from './ask-directory.ts'
import type { Budget } from './budget.ts'
import { DirectBind } from './direct-bind.ts'
import { Directory } from './directory.ts'
import { quietly } from './events.ts'
import { searchGroup } from './group-search.ts'
import { Identities } from './identities.ts'
import { type LdapAuthOptions, type LdapAuthSettings, parseLdapAuthOptions } from './options.ts'
import { pingDirectory } from './ping.ts'
import { SearchAndBind } from './search-and-bind.ts'

/** Auth mode `ldap_auth`: connections to close are its own. */
export type LdapAuthenticator = Authenticator & AsyncDisposable

/**
 * Authenticates people of an LDAP directory or Active Directory: finds the entry of a name with a search account and
 * binds as that entry, or binds by a template of names.
 *
 * @param options Checked here, files read here; nothing is connected before the first question.
 * @returns An authenticator for mode `ldap_auth`, or `ldap_auth/<instance>`. Dispose of it to close its connections.
 * @throws {ConfigurationError} with every problem found.
 */
export function ldapAuth(options: LdapAuthOptions): LdapAuthenticator {
  const settings = parseLdapAuthOptions(options)
  const { mode, timeouts, userDnTemplate } = settings
  const tell = quietly(mode, settings.onEvent)
  for (const message of warningsOf(settings)) tell({ type: 'insecure', message })
  const directory = new Directory(settings, tell)
  const identities = new Identities(settings, tell)
  const ask = <T>({ signal }: Call, question: (budget: Budget) => Promise<T>): Promise<T> =>
    askDirectory(mode, signal, timeouts.loginMs, question)
  const common = {
    mode,
    ping: (call: Call) => ask(call, (budget) => pingDirectory(settings, budget)),
    [Symbol.asyncDispose]: async () => directory.close(),
  }

  if (userDnTemplate !== undefined) {
    const people = new DirectBind(settings, userDnTemplate, directory, identities)
    return {
      ...common,
      claimsEveryName: true,
      lookUp: async ({ canonical }) => ({
        async verify(password, call) {
          if (!isUsablePassword(password)) return rejected('malformed')
          return await ask(call, (budget) => people.verify(canonical, password, budget))
        },
      }),
    }
  }

  const people = new SearchAndBind(settings, directory, identities, tell)
  return {
    ...common,
    async lookUp({ canonical }, call) {
      const startedAt = performance.now()
      const finding = await ask(call, (budget) => people.find(canonical, budget))
      // One time limit for both halves; what is between them, a lockout for instance, has its own.
      const leftMs = timeouts.loginMs - (performance.now() - startedAt)
      const { account, verify } = people.candidateOf(finding)
      return {
        ...(account !== undefined && { account }),
        async verify(password, { signal: caller }) {
          // Before any byte is sent: a directory may take an empty password for "nobody in particular", and accept.
          if (!isUsablePassword(password)) return account === undefined ? abstained : rejected('malformed')
          return await askDirectory(mode, caller, leftMs, (budget) => verify(password, budget))
        },
      }
    },
    async searchUser(username, call): Promise<Identity | undefined> {
      const canonical = canonicalName(username)
      if (canonical === undefined) return undefined
      return await ask(call, async (budget) => {
        const finding = await people.find(canonical, budget)
        if (finding.outcome === 'person') return await people.identify(finding.person, budget)
        if (finding.outcome === 'nobody') return undefined
        throw new ConflictError(
          `${mode}: several entries are called ${username}, or the one that is has several names or ids`,
        )
      })
    },
    searchGroup: (key, call): Promise<Group | undefined> =>
      ask(call, (budget) => searchGroup(settings, key, (request) => directory.search(request, budget))),
  }
}

function warningsOf({ servers, tls }: LdapAuthSettings): readonly string[] {
  const isPlain = servers.some(({ security }) => security === 'none')
  return [
    ...(isPlain ? ['insecureAllowPlaintext: passwords go to the directory in clear'] : []),
    ...(tls.insecureSkipVerify ? ['tls.insecureSkipVerify: whoever answers is taken for the directory'] : []),
  ]
}
