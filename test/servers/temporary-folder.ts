import { spawn } from 'node:child_process'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { Account } from './account.ts'

/** Unix sockets live in these folders and may be about 107 bytes long, so a long TMPDIR is not used. */
const parent = tmpdir().length <= 40 ? tmpdir() : '/tmp'

/** A folder that is gone when the test process is, however that ends. */
export interface TemporaryFolder {
  readonly path: string
  remove(): Promise<void>
}

/** Makes a folder with a short path, readable by its owner alone; `owner` is who runs a server in it. */
export async function temporaryFolder(owner?: Account): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(parent, 'lk-'))
  janitor ??= hire()
  janitor.write(`${path}\n`)
  if (owner !== undefined) await chown(path, owner.uid, owner.gid)
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

let janitor: Writable | undefined

/**
 * Reads folder names until its input ends, which happens when the test process is gone, killed included. Then it ends
 * every process that works in one of the folders that are still there, and removes them.
 */
const JANITOR = `
working_in() { find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1*" 2>/dev/null | cut -d/ -f3; }
set --
while IFS= read -r folder; do set -- "$@" "$folder"; done
for folder; do
  [ -d "$folder" ] || continue
  kill -TERM $(working_in "$folder")
  kill -CONT $(working_in "$folder")
  for tries in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(working_in "$folder")" ] || sleep 0.2; done
  kill -KILL $(working_in "$folder")
  rm -rf -- "$folder"
done
`

function hire(): Writable {
  // Detached, so that Ctrl-C in the terminal does not end it together with the tests.
  const child = spawn('/bin/sh', ['-c', JANITOR], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  })
  child.unref()
  // The pipe must not keep the test process alive either: its end is the signal.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref()
  // Should somebody have ended it, the servers still stop in good order.
  child.stdin.on('error', () => {})
  return child.stdin
}
