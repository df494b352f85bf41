import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigurationError } from '@lockkeeper/core'

/** The folder where the embedded default keeps its database and keys; shared by `serve` and every other command. */
export interface DataFolder {
  readonly path: string
  readonly databaseFile: string
  readonly keyFolder: string
  /** Where commands reach the server that runs on this folder. */
  readonly controlSocket: string
}

const DEFAULT_PATH = '.lockkeeper'

/**
 * Where the data folder is, whether it is there or not.
 *
 * @param named What `--data` says; else `LOCKKEEPER_DATA`, else `.lockkeeper` here.
 */
export function dataFolderAt(named?: string): DataFolder {
  const path = resolve(named ?? process.env.LOCKKEEPER_DATA ?? DEFAULT_PATH)
  return {
    path,
    databaseFile: join(path, 'lockkeeper.sqlite'),
    keyFolder: join(path, 'keys'),
    controlSocket: join(path, 'control.sock'),
  }
}

/**
 * Opens the data folder, making it when it is not there (mode 0700).
 *
 * @param named See {@link dataFolderAt}.
 * @throws {ConfigurationError} when it cannot be made.
 */
export async function openDataFolder(named?: string): Promise<DataFolder> {
  const folder = dataFolderAt(named)
  const { path } = folder
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const message = `cannot be made (${code}); name a folder you may write to with --data`
    throw new ConfigurationError(path, [{ path: '', message }], { cause: error })
  }
  return folder
}
