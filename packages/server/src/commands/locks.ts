import { InvalidInputError } from '@lockkeeper/core'
import type { Command } from 'commander'
import { askServer } from '../control/ask-server.ts'
import { dataFolderAt } from '../data-folder.ts'
import type { ShownLock } from '../lockout/lock-desk.ts'
import type { LockAnswer } from '../lockout/lock-routes.ts'
import { table } from '../terminal.ts'
import { type CommandContext, type PlaceOptions, withJson, withPlace } from './context.ts'

const NOTES = `
These commands talk to the server that runs on the data folder. Where several servers share a store, one of them answers
for all; what it has counted itself, such as the refusals of an address, is its own.
`

interface ClearOptions extends PlaceOptions {
  readonly all?: true
  readonly key?: string
}

/** `locks list|clear|explain|counters`. */
export function addLocksCommand(program: Command, { terminal, exitWith }: CommandContext): void {
  const ask = async (options: PlaceOptions, question: string, about: object): Promise<unknown> => {
    const said = await askServer(dataFolderAt(options.data).controlSocket, `locks/${question}`, about)
    const { answer, lost } = said as LockAnswer
    if (lost !== undefined) terminal.writeError(`lockkeeper: what this server knows by itself: ${lost}\n`)
    return answer
  }

  const locks = program.command('locks').description('who cannot log in just now, and why').addHelpText('after', NOTES)

  withJson(withPlace(locks.command('list').description('who is frozen, since when, and from where'))).action(
    async (options: PlaceOptions & { json?: true }) => {
      const shown = (await ask(options, 'list', {})) as readonly ShownLock[]
      if (options.json) return terminal.write(json(shown))
      if (shown.length === 0) return terminal.write('nobody is frozen\n')
      terminal.write(table(['WHO', 'WHAT', 'SINCE', 'ENDS IN', 'FAILURES', 'FROM'], shown.map(toRow)))
    },
  )

  withPlace(locks.command('clear [name]').description('let a name and its account be tried again, and forget failures'))
    .option(
      '--all',
      'everybody who is frozen now; whoever is not any more keeps earlier failures until cleared by name',
    )
    .option('--key <key>', 'one freeze, by its key in the list with --json')
    .action(async (name: string | undefined, options: ClearOptions) => {
      const cleared = await ask(options, 'clear', targetOf(name, options))
      terminal.write(`${cleared === 1 ? 'one freeze' : `${cleared} freezes`} cleared\n`)
    })

  withJson(withPlace(locks.command('explain <name>').description('why a login is refused now; exit code 0: it is not')))
    .option('--source <address>', 'the address that it comes from')
    .action(async (name: string, options: PlaceOptions & { json?: true; source?: string }) => {
      const question = { name, ...(options.source !== undefined && { source: options.source }) }
      const reasons = (await ask(options, 'explain', question)) as readonly string[]
      if (reasons.some((reason) => reason !== 'not frozen')) exitWith(1)
      terminal.write(options.json ? json(reasons) : `${reasons.join('\n')}\n`)
    })

  withJson(withPlace(locks.command('counters').description('what the attempts of this server came to'))).action(
    async (options: PlaceOptions & { json?: true }) => {
      const counters = (await ask(options, 'counters', {})) as Readonly<Record<string, number>>
      if (options.json) return terminal.write(json(counters))
      const rows = Object.entries(counters).map(([name, count]) => [name, String(count)])
      terminal.write(table(['ATTEMPTS', 'COUNT'], rows))
    },
  )
}

function targetOf(name: string | undefined, { all, key }: ClearOptions): object {
  const targets = [
    ...(name === undefined ? [] : [{ name }]),
    ...(key === undefined ? [] : [{ key }]),
    ...(all ? [{ all }] : []),
  ]
  const [target, ...others] = targets
  if (target === undefined || others.length > 0) {
    throw new InvalidInputError('say whom: lockkeeper locks clear NAME, --key KEY, or --all')
  }
  return target
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const toRow = ({ who, what, since, forMs, failures, source }: ShownLock): string[] => [
  who,
  what,
  since,
  `${Math.ceil(forMs / 100) / 10} s`,
  String(failures),
  source,
]
