import { InvalidInputError } from '@lockkeeper/core'
import { PROJECT_ROLES } from '@lockkeeper/rbac'
import type { Command } from 'commander'
import { memberNamed } from '../members.ts'
import { projectNamed } from '../names.ts'
import { withStores } from '../stores.ts'
import { table } from '../terminal.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

/** `member add|list|remove`. */
export function addMemberCommand(program: Command, { terminal }: CommandContext): void {
  const member = program.command('member').description('who has which role in a project')

  const roleNames = PROJECT_ROLES.map(({ name }) => name).join(', ')
  withGroup(withPlace(member.command('add <project> <name> <role>')))
    .description(`give somebody a role: ${roleNames}`)
    .action((project: string, name: string, role: string, options: MemberOptions) =>
      withStores(options, async (stores, place) => {
        const id = PROJECT_ROLES.find((known) => known.name === role)?.id
        if (id === undefined) throw new InvalidInputError(`${role} is no role; they are ${roleNames}`)
        const member = await memberNamed(name, options.group, stores, place)
        await stores.projects.setMember(await projectNamed(stores.projects, project), member, id)
        terminal.write(`${name} is ${role} of ${project}\n`)
      }),
    )

  withJson(withPlace(member.command('list <project>').description('all members of a project'))).action(
    (project: string, options: PlaceOptions & { json?: true }) =>
      withStores(options, async ({ accounts, projects }) => {
        const members = await projects.members(await projectNamed(projects, project))
        const rows = await Promise.all(
          members.map(async ({ member, role }) => ({
            kind: member.kind,
            id: member.id,
            name: member.kind === 'user' ? ((await accounts.findById(member.id))?.username ?? '(removed)') : '',
            role: PROJECT_ROLES.find(({ id }) => id === role)?.name ?? `unknown (${role})`,
          })),
        )
        if (options.json) return terminal.write(`${JSON.stringify(rows, null, 2)}\n`)
        terminal.write(
          table(
            ['KIND', 'ID', 'NAME', 'ROLE'],
            rows.map((row) => [row.kind, String(row.id), row.name, row.role]),
          ),
        )
      }),
  )

  withGroup(withPlace(member.command('remove <project> <name>')))
    .description('take the role of somebody away')
    .action((project: string, name: string, options: MemberOptions) =>
      withStores(options, async (stores, place) => {
        const member = await memberNamed(name, options.group, stores, place)
        await stores.projects.removeMember(await projectNamed(stores.projects, project), member)
        terminal.write(`${name} is no longer a member of ${project}\n`)
      }),
    )
}

interface MemberOptions extends PlaceOptions {
  readonly group?: string
}

const withGroup = (command: Command): Command =>
  command.option('--group <mode>', 'the name is that of a group in this auth mode, such as a distinguished name')
