// The real server, with a probe on its event loop. usage: node lockkeeper-server.ts <words of `lockkeeper serve`>
import { runCommandLine } from 'lockkeeper'
import { reportEventLoopDelay } from './event-loop.ts'

reportEventLoopDelay()
process.exitCode = await runCommandLine(['serve', ...process.argv.slice(2)])
