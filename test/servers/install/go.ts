import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from '../command.ts'
import { builtFolder, cacheFolder, findCommand } from '../find-command.ts'
import type { GoProgram } from '../requirements.ts'

/** Why Go programs cannot be built here, or `undefined` when they can. */
export const whyNoGo = (): string | undefined => (findCommand('go') === undefined ? 'there is no Go here' : undefined)

/**
 * Builds a Go program at its pinned version. It is built from a scratch module that requires that version, rather than by
 * `go install program@version`, because the latter also asks for the list of all versions, which not every proxy serves.
 *
 * @returns What went wrong, or `undefined`.
 */
export async function buildProgram(
  fileName: string,
  { module, version, program, beside = [] }: GoProgram,
): Promise<string | undefined> {
  await mkdir(builtFolder, { recursive: true })
  const scratch = await mkdtemp(join(cacheFolder, 'build-'))
  try {
    const required = [`${module} ${version}`, ...beside].map((one) => `require ${one}\n`)
    await writeFile(join(scratch, 'go.mod'), `module scratch\n\ngo 1.21\n\n${required.join('')}`)
    const { code, stderr } = await execute(
      'go',
      ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', 'program', `${module}/${program}`],
      { cwd: scratch, env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' }, timeoutMs: 20 * 60_000 },
    )
    if (code !== 0) return stderr.trim().split('\n').slice(-8).join('\n')
    // Renaming is atomic: nobody ever runs half a program.
    await rename(join(scratch, 'program'), join(builtFolder, fileName))
    return undefined
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
