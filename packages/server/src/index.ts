export { runCommandLine } from './command-line.ts'
export { type Configuration, configurationSchema, type Settings } from './config/schema.ts'
export type { Terminal } from './terminal.ts'
