import { link, open, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { ConflictError } from '@lockkeeper/core'

/**
 * Writes a file that must not exist yet, whole or not at all: no reader ever sees half of a key.
 *
 * @throws {ConflictError} when the name is taken.
 */
export async function writeNewFile(path: string, content: string, mode: number): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  const file = await open(temporary, 'wx', mode)
  try {
    await file.chmod(mode)
    await file.writeFile(content)
    await file.sync()
    await file.close()
    // A link, not a rename: a rename would replace what is there.
    await link(temporary, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new ConflictError(`${basename(path)} exists in ${dirname(path)} and is never replaced; move it away first`)
  } finally {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
  }
}
