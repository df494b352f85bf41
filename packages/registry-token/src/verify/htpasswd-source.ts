import { readFile, stat } from 'node:fs/promises'
import { type AuditSink, BackendUnavailableError, type Clock } from '@lockkeeper/core'
import { type HtpasswdFile, parseHtpasswd } from './htpasswd-file.ts'

const MAX_BYTES = 1_048_576

/**
 * Reads a password file whenever it changed.
 *
 * @returns A function that gives the file as it is now, or as it was when it last made sense.
 */
export function htpasswdSource(path: string, clock: Clock, audit: AuditSink): () => Promise<HtpasswdFile> {
  let seen = ''
  let file: HtpasswdFile | undefined
  let problem = 'was never read'

  function report(outcome: string, reason: string): void {
    audit.record({
      type: 'backend',
      at: new Date(clock.wallMs()).toISOString(),
      outcome,
      reason: `htpasswd: ${reason}`,
    })
  }

  async function load(size: number): Promise<void> {
    const read =
      size > MAX_BYTES
        ? ({ outcome: 'rejected', message: `is larger than ${MAX_BYTES} bytes` } as const)
        : parseHtpasswd(await readFile(path, 'utf8'))
    if (read.outcome === 'rejected') {
      problem = read.message
      report('htpasswd_rejected', file ? `${problem}; the last good entries stay in use` : problem)
      return
    }
    file = read.file
    if (read.ignored > 0) report('htpasswd_ignored', `${read.ignored} entries are not bcrypt; use \`htpasswd -B\``)
  }

  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(path)
      const version = `${mtimeMs}/${size}/${ino}`
      if (version !== seen) {
        await load(size)
        seen = version
      }
    } catch (cause) {
      throw new BackendUnavailableError('htpasswd', 'the password file cannot be read', { cause })
    }
    if (file) return file
    throw new BackendUnavailableError('htpasswd', `the password file ${problem}`)
  }
}
