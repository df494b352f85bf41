import type { Command } from 'commander'
import { type CommandContext, type PlaceOptions, withPlace } from './context.ts'

const NOTES = `
On the first start an administrator is made and its password is printed once; LOCKKEEPER_ADMIN_PASSWORD sets it instead.
SIGTERM or Ctrl-C finishes what is under way; a second one does not wait. Log lines are JSON on standard error.
`

/** `serve`. */
export function addServeCommand(program: Command, { terminal }: CommandContext): void {
  withPlace(program.command('serve').description('run the server'))
    .option('--listen <address>', 'address and port, such as 127.0.0.1:9090 (default: what the configuration says)')
    .addHelpText('after', NOTES)
    .action(async (options: PlaceOptions & { listen?: string }) => {
      const { serveUntilStopped } = await import('../serve.ts')
      await serveUntilStopped(options, terminal)
    })
}
