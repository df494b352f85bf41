import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
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
 * @param named What `--data` says; else `LOCKKEEPER_DATA`, else `.lockkeeper` here. An empty text says nothing.
 */
export function dataFolderAt(named?: string): DataFolder {
  const path = resolve(named || process.env.LOCKKEEPER_DATA || DEFAULT_PATH)
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
 * @throws {ConfigurationError} when it cannot be made, or is something else.
 */
export async function openDataFolder(named?: string): Promise<DataFolder> {
  const folder = dataFolderAt(named)
  const { path } = folder
  try {
    await makeFolder(path)
    if ((await stat(path)).isDirectory()) return folder
  } catch (error) {
    const message = `cannot be made (${codeOf(error)}); name a folder you may write to with --data`
    throw new ConfigurationError(path, [{ path: '', message }], { cause: error })
  }
  throw new ConfigurationError(path, [{ path: '', message: 'is no folder; name one with --data' }])
}

/** With what is above it. Told to do that, `mkdir` of Node tries for ever where a folder may have none in it, as in `/proc`. */
async function makeFolder(path: string, hasParent = false): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || hasParent || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await makeFolder(path, true)
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
