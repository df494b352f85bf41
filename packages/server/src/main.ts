#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// Half of a start is reading and compiling modules; an earlier start keeps that, and in a clone the set-up makes the first.
enableCompileCache()
const { runCommandLine } = await import('./command-line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
