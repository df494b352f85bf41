#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Half of a start is reading and compiling modules; from the second start on that is kept.
enableCompileCache()
const { runCommandLine } = await import('./command-line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
