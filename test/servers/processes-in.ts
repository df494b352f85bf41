import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const FROZEN_WITHIN_MS = 10_000

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

/**
 * Freezes them all, and returns when they stand still: a thread that waits for a processor stops only once it gets one,
 * and until then another thread may go on answering.
 */
export function freezeProcessesIn(folder: string): void {
  const giveUpAt = performance.now() + FROZEN_WITHIN_MS
  do {
    // Each time anew, for children that were made meanwhile.
    signalProcessesIn(folder, 'SIGSTOP')
    if (processesIn(folder).every(standsStill)) return
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  } while (performance.now() < giveUpAt)
  throw new Error(`processes in ${folder} do not stand still`)
}

/** Whether all threads are stopped, or have ended. */
function standsStill(pid: number): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    // The state follows the name, which stands in brackets and may hold anything.
    return threads.every((thread) => /\) [TtZX] [^)]*$/.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')))
  } catch {
    // One of them ended while it was looked at: look again.
    return false
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
