import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigurationError } from '@lockkeeper/core'

/** The folder where the embedded default keeps its database and keys; shared by `serve` and every other command. */
export interface DataFolder {
  readonly path: string
  readonly databaseFile: string
  readonly keyFolder: string
}

const DEFAULT_PATH = '.lockkeeper'

/**
 * Opens the data folder, making it when it is not there (mode 0700).
 *
 * @param named What `--data` says; else `LOCKKEEPER_DATA`, else `.lockkeeper` here.
 * @throws {ConfigurationError} when it cannot be made.
 */
export async function openDataFolder(named?: string): Promise<DataFolder> {
  const path = resolve(named ?? process.env.LOCKKEEPER_DATA ?? DEFAULT_PATH)
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const message = `cannot be made (${code}); name a folder you may write to with --data`
    throw new ConfigurationError(path, [{ path: '', message }], { cause: error })
  }
  return { path, databaseFile: join(path, 'lockkeeper.sqlite'), keyFolder: join(path, 'keys') }
}
