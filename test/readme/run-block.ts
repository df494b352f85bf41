import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { importsOf, packageOf, ROOT } from '../architecture/sources.ts'

const TIME_LIMIT_MS = 20_000

/** What a program did. */
export interface Outcome {
  /** Absent when it had to be ended after 20 s. */
  readonly exitCode?: number
  readonly output: string
}

/**
 * Runs a program as its reader would: saved in a folder where its imports resolve, and started by plain `node`.
 *
 * @param program The whole text of a `ts` block.
 * @param readme Where the block stands, relative to the repository.
 * @param name Names the temporary file, so that a stack trace says which block it was.
 */
export async function runBlock(program: string, readme: string, name: string): Promise<Outcome> {
  const folder = join(ROOT, folderFor(program, dirname(readme)), '.cache', 'readme')
  const file = join(folder, `${name}.ts`)
  await mkdir(folder, { recursive: true })
  await writeFile(file, program)
  try {
    return await run(file)
  } finally {
    await rm(file)
  }
}

/** The package that the README describes where it has all that the program imports, else the folder of all tests. */
function folderFor(program: string, home: string): string {
  const names = importsOf(program)
    .filter((specifier) => !/^(?:\.|node:)/.test(specifier))
    .map(packageOf)
  const has = (folder: string) => names.every((name) => existsSync(join(ROOT, folder, 'node_modules', name)))
  return home !== '.' && has(home) ? home : 'test'
}

function run(file: string): Promise<Outcome> {
  // Nothing of the test runner's own environment may change what a reader would see.
  const { PATH, HOME, TMPDIR } = process.env
  const env = { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }) }
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { timeout: TIME_LIMIT_MS, env, cwd: dirname(file) }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`
      if (error === null) resolve({ exitCode: 0, output })
      else resolve(typeof error.code === 'number' ? { exitCode: error.code, output } : { output })
    })
  })
}
