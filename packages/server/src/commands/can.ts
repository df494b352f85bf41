import {
  ACTIONS,
  type Action,
  type Decision,
  InvalidInputError,
  isAction,
  LOCAL_MODE,
  parseResource,
  type Resource,
} from '@lockkeeper/core'
import { anonymousContext, localContext } from '@lockkeeper/rbac'
import type { Command } from 'commander'
import { accountNamed } from '../names.ts'
import { type Stores, withStores } from '../stores.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

const RESOURCES = `
Resources:
  repository:<project>/<name>     one repository, for pull, push and delete
  project:<name>                  a project, for read, update and delete
  project:<name>/<part>           a part of one, such as project:team/member
  system:<part>                   the deployment, such as system:catalog for read; administrators alone

<user> is a name, or "anonymous" for somebody who has not logged in. Exit code: 0 yes, 1 no.
`

/** `can USER ACTION RESOURCE`. */
export function addCanCommand(program: Command, { terminal, exitWith }: CommandContext): void {
  withJson(
    withPlace(program.command('can <user> <action> <resource>').description('yes or no, and the rule that says so')),
  )
    .addHelpText('after', RESOURCES)
    .action((user: string, action: string, text: string, options: PlaceOptions & { json?: true }) =>
      withStores(options, async (stores) => {
        if (!isAction(action)) throw new InvalidInputError(`${action} is no action; they are ${ACTIONS.join(', ')}`)
        const resource = parseResource(text)
        if (resource === undefined) throw new InvalidInputError(`${text} is no resource; see: lockkeeper can --help`)
        const decision = await explain(stores, user, action, resource)
        exitWith(decision.allowed ? 0 : 1)
        if (options.json)
          return terminal.write(`${JSON.stringify({ user, action, resource: text, ...decision }, null, 2)}\n`)
        terminal.write(`${decision.allowed ? 'yes' : 'no'}  ${decision.rule}: ${decision.reason}\n`)
      }),
    )
}

async function explain(
  { accounts, projects }: Stores,
  user: string,
  action: Action,
  resource: Resource,
): Promise<Decision> {
  if (user === 'anonymous') return anonymousContext(projects).explain(action, resource)
  const account = await accountNamed(accounts, user)
  if (account.disabled) {
    const reason = `${account.username} is disabled; see: lockkeeper user enable ${account.username}`
    return { allowed: false, rule: 'disabled', reason }
  }
  const context = localContext({ account: { ...account, groupIds: [] }, projects })
  const decision = await context.explain(action, resource)
  const isAboutRoles =
    !decision.allowed && 'project' in resource && (await projects.get(resource.project)) !== undefined
  if (!isAboutRoles || account.mode === LOCAL_MODE) return decision
  // A directory names the groups at login, and nothing stores them.
  return { ...decision, reason: `${decision.reason}; groups of ${account.mode} count at login, and not here` }
}
