import { InvalidInputError } from '@lockkeeper/core'
import { PROJECT_ROLES } from '@lockkeeper/rbac'
import type { Command } from 'commander'
import { accountNamed, projectNamed } from '../names.ts'
import { withStores } from '../stores.ts'
import { table } from '../terminal.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

/** `member add|list|remove`. */
export function addMemberCommand(program: Command, { terminal }: CommandContext): void {
  const member = program.command('member').description('who has which role in a project')

  withPlace(
    member
      .command('add <project> <user> <role>')
      .description(`give somebody a role: ${PROJECT_ROLES.map((role) => role.name).join(', ')}`),
  ).action((project: string, user: string, role: string, options: PlaceOptions) =>
    withStores(options, async ({ accounts, projects }) => {
      const id = PROJECT_ROLES.find(({ name }) => name === role)?.id
      const names = PROJECT_ROLES.map(({ name }) => name).join(', ')
      if (id === undefined) throw new InvalidInputError(`${role} is no role; they are ${names}`)
      const account = await accountNamed(accounts, user)
      await projects.setMember(await projectNamed(projects, project), { kind: 'user', id: account.id }, id)
      terminal.write(`${account.username} is ${role} of ${project}\n`)
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

  withPlace(member.command('remove <project> <user>').description('take the role of somebody away')).action(
    (project: string, user: string, options: PlaceOptions) =>
      withStores(options, async ({ accounts, projects }) => {
        const account = await accountNamed(accounts, user)
        await projects.removeMember(await projectNamed(projects, project), { kind: 'user', id: account.id })
        terminal.write(`${account.username} is no longer a member of ${project}\n`)
      }),
  )
}
