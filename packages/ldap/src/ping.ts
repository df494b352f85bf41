import { ConfigurationError, type ConfigurationProblem } from '@lockkeeper/core'
import type { Budget } from './budget.ts'
import { DirectoryConnection } from './directory-connection.ts'
import { DirectoryFailure } from './failure.ts'
import { anyEntry, everybodyFilter } from './filter.ts'
import type { LdapAuthSettings } from './options.ts'
import type { Server } from './wire/open-socket.ts'

/**
 * Asks every server the way a login does: connects, binds the search account, searches people and groups.
 *
 * @throws {ConfigurationError} with everything that somebody has to change.
 * @throws {DirectoryFailure} when nothing is wrong but that no server answers.
 */
export async function pingDirectory(settings: LdapAuthSettings, budget: Budget): Promise<void> {
  const found = await Promise.all(settings.servers.map((server) => failuresOf(settings, server, budget)))
  const failures = found.flat()
  const problems = failures.filter(({ remedy }) => remedy === 'configure').map(toProblem)
  if (problems.length > 0) throw new ConfigurationError(settings.mode, withoutRepetition(problems))
  const [first] = failures
  if (first !== undefined && found.every((ofOne) => ofOne.length > 0)) throw first
}

async function failuresOf(
  settings: LdapAuthSettings,
  server: Server,
  budget: Budget,
): Promise<readonly DirectoryFailure[]> {
  let own: DirectoryConnection | undefined
  try {
    own = await DirectoryConnection.open(server, settings, budget)
    // Without a search account nothing can be asked before somebody logs in.
    if (settings.userDnTemplate !== undefined) return []
    await own.bindSearchAccount(budget)
    return await failuresOfSearches(settings, own, budget)
  } catch (error) {
    if (error instanceof DirectoryFailure) return [error]
    throw error
  } finally {
    own?.close()
  }
}

/** What each question that a login may ask finds wrong. */
async function failuresOfSearches(
  settings: LdapAuthSettings,
  own: DirectoryConnection,
  budget: Budget,
): Promise<readonly DirectoryFailure[]> {
  const { baseDn = '', scope, usernameAttribute, filter, groups, adminGroupDn } = settings
  const attempt = async (work: () => Promise<void>): Promise<readonly DirectoryFailure[]> => {
    try {
      await work()
      return []
    } catch (error) {
      if (error instanceof DirectoryFailure) return [error]
      throw error
    }
  }
  const mustExist = (option: string, base: string | undefined) =>
    attempt(async () => {
      if (base === undefined) return
      const request = { base, scope: 'base' as const, filter: anyEntry, attributes: ['1.1'], enough: 1 }
      const entries = await own.search(request, budget).catch((error) => {
        throw error instanceof DirectoryFailure && error.remedy === 'configure' ? renamed(error, option) : error
      })
      if (entries.length === 0) throw missing(option, base)
    })
  const people = await attempt(async () => {
    const everybody = everybodyFilter(usernameAttribute, filter)
    const request = { base: baseDn, scope, filter: everybody, attributes: ['1.1'], enough: 1 }
    if ((await own.search(request, budget)).length > 0) return
    const what = `no entry below ${baseDn} has ${usernameAttribute}${filter === undefined ? '' : ' and matches filter'}`
    const checks = `${filter === undefined ? '' : 'filter, '}usernameAttribute, baseDn and what the account may read`
    const option = filter === undefined ? 'usernameAttribute' : 'filter'
    throw new DirectoryFailure('configure', option, `${what}, or the search account sees none; check ${checks}`)
  })
  return [
    ...people,
    ...(await mustExist('groups.baseDn', groups.from === 'nowhere' ? undefined : groups.baseDn)),
    ...(await mustExist('adminGroupDn', adminGroupDn)),
  ]
}

const missing = (option: string, dn: string): DirectoryFailure =>
  new DirectoryFailure('configure', option, `${dn} does not exist, or the search account may not see it`)

const renamed = ({ message, cause }: DirectoryFailure, option: string): DirectoryFailure =>
  new DirectoryFailure('configure', option, message, { cause })

const toProblem = ({ option, message }: DirectoryFailure): ConfigurationProblem => ({
  path: option,
  message: `may be wrong: ${message}`,
})

/** Servers of one directory tend to find the same. */
const withoutRepetition = (problems: readonly ConfigurationProblem[]): readonly ConfigurationProblem[] => [
  ...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values(),
]
