import type { Command } from 'commander'
import { findPlace, openStores } from '../stores.ts'
import { type CommandContext, type PlaceOptions, withPlace } from './context.ts'

/** `migrate`. */
export function addMigrateCommand(program: Command, { terminal }: CommandContext): void {
  withPlace(
    program.command('migrate').description('bring the schema up to date; tables of Harbor are never touched'),
  ).action(async (options: PlaceOptions) => {
    const { database } = openStores(await findPlace(options))
    try {
      const applied = await database.migrate()
      terminal.write(applied.length === 0 ? 'the schema is up to date\n' : `applied ${applied.join(', ')}\n`)
    } finally {
      await database.close()
    }
  })
}
