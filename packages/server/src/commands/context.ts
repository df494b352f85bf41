import { type Command, Option } from 'commander'
import type { Terminal } from '../terminal.ts'

/** What every command is handed. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Sets the exit code of a command that ran as it should and has a no to say. */
  exitWith(code: number): void
}

/** Where the configuration and the data are. */
export interface PlaceOptions {
  readonly config?: string
  readonly data?: string
}

/** Adds `--config` and `--data`. */
export const withPlace = (command: Command): Command =>
  command
    .addOption(new Option('--config <file>', 'configuration file (default: lockkeeper.yaml here, if there is one)'))
    .addOption(new Option('--data <folder>', 'data folder (default: .lockkeeper here)').env('LOCKKEEPER_DATA'))

/** Adds `--json`, for scripts. */
export const withJson = (command: Command): Command => command.option('--json', 'print JSON, for scripts')
