import type { Project } from '@lockkeeper/rbac'
import type { Command } from 'commander'
import { accountNamed, projectNamed } from '../names.ts'
import { withStores } from '../stores.ts'
import { table } from '../terminal.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

/** `project add|list|remove|public|private`. */
export function addProjectCommand(program: Command, { terminal }: CommandContext): void {
  const project = program.command('project').description('projects: the first part of every repository name')

  withPlace(project.command('add <name>').description('add a project; its owner becomes projectAdmin'))
    .option('--public', 'anybody may pull, without logging in')
    .option('--owner <user>', 'who owns it (default: the first administrator)')
    .action((name: string, options: PlaceOptions & { public?: true; owner?: string }) =>
      withStores(options, async ({ accounts, projects }) => {
        const ownerId = options.owner === undefined ? 1 : (await accountNamed(accounts, options.owner)).id
        const { id } = await projects.create({ name, ownerId, isPublic: options.public === true })
        terminal.write(`added project ${name} (id ${id}, ${options.public ? 'public' : 'private'})\n`)
      }),
    )

  withJson(withPlace(project.command('list').description('all projects'))).action(
    (options: PlaceOptions & { json?: true }) =>
      withStores(options, async ({ projects }) => {
        const all: Project[] = []
        for (
          let page = await projects.list();
          page.length > 0;
          page = await projects.list({ after: all.at(-1)?.id ?? 0 })
        ) {
          all.push(...page)
        }
        if (options.json) return terminal.write(`${JSON.stringify(all, null, 2)}\n`)
        const rows = all.map(({ id, name, isPublic, createdAt }) => [
          String(id),
          name,
          isPublic ? 'public' : 'private',
          createdAt.toISOString().slice(0, 10),
        ])
        terminal.write(table(['ID', 'NAME', 'WHO MAY PULL', 'SINCE'], rows))
      }),
  )

  withPlace(
    project.command('remove <name>').description('remove a project and its memberships; images stay in the registry'),
  ).action((name: string, options: PlaceOptions) =>
    withStores(options, async ({ projects }) => {
      await projects.remove(await projectNamed(projects, name))
      terminal.write(`removed project ${name}\n`)
    }),
  )

  for (const visibility of ['public', 'private'] as const) {
    const says = visibility === 'public' ? 'let anybody pull, without logging in' : 'let only members pull'
    withPlace(project.command(`${visibility} <name>`).description(says)).action((name: string, options: PlaceOptions) =>
      withStores(options, async ({ projects }) => {
        await projects.setPublic(await projectNamed(projects, name), visibility === 'public')
        terminal.write(`project ${name} is ${visibility}\n`)
      }),
    )
  }
}
