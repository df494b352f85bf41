import { readdirSync, readlinkSync } from 'node:fs'

/**
 * The processes whose working directory lies in a folder. Every server here is started in its own folder, so these are
 * the server and all its children, PostgreSQL's backends too, which leave the server's process group.
 */
export function processesIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => `${workingDirectory(entry)}/`.startsWith(`${folder}/`))
    .map(Number)
}

/** Sends a signal to all of them. Those that ended meanwhile are not missed. */
export function signalProcessesIn(folder: string, signal: NodeJS.Signals): void {
  for (const pid of processesIn(folder)) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

/** Empty for processes that are not ours to look at, and for those that just ended. */
function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}
