/**
 * Runs the tests, after getting what they need from outside npm: `npm test`, and `npm test -- packages/core` for some.
 * Other arguments are handed to vitest.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REQUIREMENTS } from './servers/requirements.ts'

const INSTALL = fileURLToPath(new URL('./servers/install.ts', import.meta.url))
const words = process.argv.slice(2)
const isSome = words.length > 0 && words.every((word) => existsSync(word))
const needed = isSome ? words.flatMap(namesIn) : REQUIREMENTS.map(({ name }) => name)

if (needed.length > 0) run(process.execPath, [INSTALL, '--only', [...new Set(needed)].join()])
run('vitest', ['run', ...words])

/** What the tests at a path ask for by `requires('postgres')`, in their own files and in those beside them. */
function namesIn(path: string): readonly string[] {
  const folder = statSync(path).isDirectory() ? path : dirname(path)
  const files = globSync('**/*.ts', { cwd: folder, exclude: ['**/node_modules/**'] })
  const calls = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\brequires\([^)]*\)/g) ?? [])
  // A name that is put together, as `registry-${version}`, may be any.
  const isAsked = (name: string) => calls.some((call) => call.includes(`'${name}'`) || call.includes('`'))
  return REQUIREMENTS.map(({ name }) => name).filter(isAsked)
}

/** Runs a command in this terminal; when it fails, this does too. */
function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) console.error(error.message)
  if (status !== 0) process.exit(status ?? 1)
}
