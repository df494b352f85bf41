import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../architecture/sources.ts'

const TIME_LIMIT_MS = 30_000

/** A command that a reader types, and the lines that are shown beneath it. */
interface Typed {
  readonly command: string
  readonly shown: readonly string[]
}

/** What a `console` block shows: a line that begins with `$ ` is typed, the others are answers. */
function typedIn(code: string): readonly Typed[] {
  const typed: { command: string; shown: string[] }[] = []
  for (const line of code.split('\n').filter((text) => text !== '')) {
    if (line.startsWith('$ ')) typed.push({ command: line.slice(2), shown: [] })
    else typed.at(-1)?.shown.push(line)
  }
  return typed
}

/** Whether a block is a session with our command line from a clone, and nothing else. */
export const isSession = (code: string): boolean => {
  const typed = typedIn(code)
  return typed.length > 0 && typed.every(({ command }) => command.startsWith('npm run -s lockkeeper -- '))
}

/**
 * Types the commands of a session one after another, on one new data folder.
 *
 * @returns The lines that were shown and did not come, each with its command.
 * @throws {Error} for a command that fails; a no, which ends with 1, is an answer.
 */
export async function runSession(code: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lk-readme-'))
  const missing: string[] = []
  try {
    for (const { command, shown } of typedIn(code)) {
      const lines = new Set((await run(command, folder)).split('\n'))
      missing.push(...shown.filter((line) => !lines.has(line)).map((line) => `${command}: ${line}`))
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return missing
}

function run(command: string, dataFolder: string): Promise<string> {
  const { PATH, HOME } = process.env
  const options = { cwd: ROOT, env: { PATH, HOME, LOCKKEEPER_DATA: dataFolder }, timeout: TIME_LIMIT_MS }
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', command], options, (error, stdout) => {
      if (error === null || error.code === 1) resolve(stdout)
      else reject(error)
    })
  })
}
