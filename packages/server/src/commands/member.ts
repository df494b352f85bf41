import { InvalidInputError } from '@lockkeeper/core'
import { PROJECT_ROLES } from '@lockkeeper/rbac'
import { type Command, Option } from 'commander'
import { type NamedBy, newMember, presentMember } from '../members.ts'
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
    .addOption(
      new Option(
        '--user <mode>',
        'the name is that of somebody in this auth mode, who need not have logged in yet',
      ).conflicts('group'),
    )
    .action((project: string, name: string, role: string, options: PlaceOptions & NamedBy) =>
      withStores(options, async (stores, place) => {
        const id = PROJECT_ROLES.find((known) => known.name === role)?.id
        if (id === undefined) throw new InvalidInputError(`${role} is no role; they are ${roleNames}`)
        const { member, note } = await newMember(name, options, stores, place)
        await stores.projects.setMember(await projectNamed(stores.projects, project), member, id)
        terminal.write(`${name} is ${role} of ${project}\n${note === undefined ? '' : `${note}\n`}`)
      }),
    )

  withJson(withPlace(member.command('list <project>').description('all members of a project'))).action(
    (project: string, options: PlaceOptions & { json?: true }) =>
      withStores(options, async ({ accounts, projects }) => {
        const members = await projects.members(await projectNamed(projects, project))
        const groupIds = members.flatMap(({ member }) => (member.kind === 'group' ? member.id : []))
        const groups = new Map((await accounts.groupsById(groupIds)).map((group) => [group.id, group]))
        const rows = await Promise.all(
          members.map(async ({ member, role }) => {
            const group = member.kind === 'group' ? groups.get(member.id) : undefined
            const name = member.kind === 'group' ? group?.key : (await accounts.findById(member.id))?.username
            return {
              kind: member.kind,
              id: member.id,
              name: name ?? '(removed)',
              ...(group && { mode: group.mode }),
              role: PROJECT_ROLES.find(({ id }) => id === role)?.name ?? `unknown (${role})`,
            }
          }),
        )
        if (options.json) return terminal.write(`${JSON.stringify(rows, null, 2)}\n`)
        terminal.write(
          table(
            ['KIND', 'ID', 'ROLE', 'GROUP OF', 'NAME'],
            rows.map((row) => [row.kind, String(row.id), row.role, row.mode ?? '', row.name]),
          ),
        )
      }),
  )

  withGroup(withPlace(member.command('remove <project> <name>')))
    .description('take the role of somebody away')
    .action((project: string, name: string, options: MemberOptions) =>
      withStores(options, async (stores) => {
        const from = await projectNamed(stores.projects, project)
        await stores.projects.removeMember(from, await presentMember(name, options.group, from, stores))
        terminal.write(`${name} is no longer a member of ${project}\n`)
      }),
    )
}

interface MemberOptions extends PlaceOptions {
  readonly group?: string
}

const withGroup = (command: Command): Command =>
  command.option('--group <mode>', 'the name is that of a group in this auth mode, such as a distinguished name')
