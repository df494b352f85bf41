import { isBackendUnavailable, isConfigurationError } from '@lockkeeper/core'
import { Command, CommanderError } from 'commander'
import { addCanCommand } from './commands/can.ts'
import { addCheckConfigCommand } from './commands/check-config.ts'
import type { CommandContext } from './commands/context.ts'
import { addKeysCommand } from './commands/keys.ts'
import { addLocksCommand } from './commands/locks.ts'
import { addMemberCommand } from './commands/member.ts'
import { addMigrateCommand } from './commands/migrate.ts'
import { addProjectCommand } from './commands/project.ts'
import { addServeCommand } from './commands/serve.ts'
import { subjectOf } from './commands/subject-of.ts'
import { addUserCommand } from './commands/user.ts'
import { usePlainWords } from './config/plain-words.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

const EXAMPLES = `
Examples:
  lockkeeper serve                                   serve on 127.0.0.1:8080, everything in ./.lockkeeper
  lockkeeper user add bob --password-stdin           add a person; the password is read from standard input
  lockkeeper project add team --public               add a project that anybody may pull from
  lockkeeper member add team bob developer           let bob push to it
  lockkeeper can bob push repository:team/app        yes or no, and the rule that says so
  lockkeeper locks list                              who cannot log in just now, and from where
  lockkeeper keys                                    what a registry needs to trust this server
`

/**
 * Runs one command.
 *
 * @returns The exit code: 0 done (or allowed), 1 denied or not as it should be, 2 the call or the configuration is
 * wrong, 3 a backend could not be asked.
 */
export async function runCommandLine(words: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  usePlainWords()
  let exitCode = 0
  const context: CommandContext = {
    terminal,
    exitWith(code) {
      exitCode = code
    },
  }
  const program = createProgram(context)
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return explain(error, terminal)
  }
}

function createProgram(context: CommandContext): Command {
  const program = new Command('lockkeeper')
    .description('A token server for container registries: who may log in, and who may push and pull.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({
      writeOut: (text) => context.terminal.write(text),
      writeErr: (text) => context.terminal.writeError(text),
    })
    .addHelpText('after', EXAMPLES)
  program.commandsGroup('Server:')
  addServeCommand(program, context)
  addCheckConfigCommand(program, context)
  addMigrateCommand(program, context)
  addKeysCommand(program, context)
  addLocksCommand(program, context)
  program.commandsGroup('People and projects:')
  addUserCommand(program, context)
  addProjectCommand(program, context)
  addMemberCommand(program, context)
  addCanCommand(program, context)
  program.commandsGroup('Help:')
  return program
}

/** Says what went wrong and what to do, without a stack: these are the errors a person can mend. */
function explain(error: unknown, terminal: Terminal): number {
  if (isConfigurationError(error)) {
    const lines = error.problems.map(({ path, message }) => `  ${path === '' ? message : `${path} ${message}`}`)
    const subject = subjectOf(error)
    terminal.writeError(`lockkeeper: ${subject} cannot work:\n${lines.join('\n')}\n`)
    return 2
  }
  if (isBackendUnavailable(error)) {
    terminal.writeError(`lockkeeper: ${error.message}\n`)
    return 3
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_')) {
    terminal.writeError(`lockkeeper: ${error.message}\n`)
    return error.code === 'ERR_CONFLICT' || error.code === 'ERR_NOT_FOUND' ? 1 : 2
  }
  throw error
}
