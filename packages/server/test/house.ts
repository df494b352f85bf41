import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from '../src/command-line.ts'
import type { Terminal } from '../src/terminal.ts'

/** What a command left. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder with a configuration and data, and the command line working on it, all in this process. */
export interface House {
  readonly folder: string
  run(words: readonly string[], input?: string): Promise<Ran>
  configure(yaml: string): Promise<string>
  remove(): Promise<void>
}

export async function makeHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'lk-server-'))
  const file = join(folder, 'lockkeeper.yaml')
  const place = ['--config', file, '--data', join(folder, 'data')]
  await writeFile(file, '')
  return {
    folder,
    async run(words, input = '') {
      let stdout = ''
      let stderr = ''
      const terminal: Terminal = {
        write(text) {
          stdout += text
        },
        writeError(text) {
          stderr += text
        },
        readInput: async () => input,
        environment: {},
      }
      const code = await runCommandLine([...words, ...place], terminal)
      return { code, stdout, stderr }
    },
    async configure(yaml) {
      await writeFile(file, yaml)
      return file
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
