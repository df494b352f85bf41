import { accessSync, constants, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What survives a fresh clone: programs built from source and prepared data folders. Per user, safe to delete. */
export const cacheFolder: string = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lockkeeper')

/** Where programs built from source go; their file names carry the version. */
export const builtFolder: string = join(cacheFolder, 'bin')

/** The full path of a command, or `undefined`. Also looks where Debian puts servers that are on nobody's PATH. */
export function findCommand(name: string): string | undefined {
  return places()
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function places(): readonly string[] {
  const path = (process.env.PATH ?? '').split(':').filter((folder) => folder !== '')
  return [builtFolder, ...postgresFolders(), ...path, '/usr/local/sbin', '/usr/sbin', '/sbin']
}

/** Newest first: Debian installs several major versions side by side. */
function postgresFolders(): readonly string[] {
  const root = '/usr/lib/postgresql'
  try {
    return readdirSync(root)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(root, version, 'bin'))
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
