import { type AuditSink, type Clock, parseBasic, silentAudit, systemClock } from '@lockkeeper/core'
import { formatChallenge } from '@lockkeeper/registry-protocol'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'
import { accessOf } from './challenge.ts'
import type { AccessController, Verified, VerifyReason } from './contract.ts'
import type { HtpasswdFile } from './htpasswd-file.ts'
import { htpasswdSource } from './htpasswd-source.ts'
import { workQueue } from './work-queue.ts'

/** What {@link htpasswdAccessController} works with. */
export interface HtpasswdOptions {
  /** Shown by clients that ask for a password; printable ASCII. */
  readonly realm: string
  /** The password file, as `htpasswd -B` writes it. */
  readonly path: string
  readonly clock?: Clock
  /** Is told when the file cannot be used, as events of type `backend`. */
  readonly audit?: AuditSink
}

/** bcrypt reads no further: two longer passwords with the same beginning would be one. */
const MAX_PASSWORD_BYTES = 72
const LIMITS = { running: 2, waiting: 64 }

/**
 * Lets everybody in who has an entry in an htpasswd file, to everything. It knows no lockout: in front of the open
 * network, let a login with a lockout decide instead.
 *
 * Every check costs as much as the dearest hash of the file, whether the name is known or not. A file that stops making
 * sense leaves the last good entries in use and raises an alarm; `authorize` throws {@link BackendUnavailableError} when
 * the file cannot be read, or never made sense, or too many checks wait.
 *
 * @throws {TypeError} when the realm cannot be printed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7617 | RFC 7617}
 */
export function htpasswdAccessController(options: HtpasswdOptions): AccessController {
  const { realm, path, clock = systemClock, audit = silentAudit } = options
  const challenge = formatChallenge({ scheme: 'Basic', params: new Map([['realm', realm]]) })
  const currentFile = htpasswdSource(path, clock, audit)
  const run = workQueue('htpasswd', LIMITS)
  const refuse = (reason: VerifyReason): Verified => ({ outcome: 'challenge', challenge, reason })

  return {
    async authorize(authorization, needed) {
      const credentials = parseBasic(authorization ?? '')
      if (!credentials) return refuse('no_credentials')
      const { username, password } = credentials
      const file = await currentFile()
      if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return refuse('bad_credentials')
      const matches = await run(() => matchesEntry(file, username, password))
      return matches ? { outcome: 'granted', subject: username, access: accessOf(needed) } : refuse('bad_credentials')
    },
  }
}

/** A refusal does 2^highestCost rounds for every name: those of its own hash, and what is missing to the dearest one. */
async function matchesEntry(file: HtpasswdFile, username: string, password: string): Promise<boolean> {
  const { hashes, highestCost } = file
  const hash = hashes.get(username)
  if (hash && (await verifyBcrypt(password, hash.text))) return true
  // 2^c + 2^c + 2^(c+1) + … + 2^(h-1) = 2^h
  if (!hash) await verifyBcrypt(password, standIn(highestCost))
  else for (let cost = hash.cost; cost < highestCost; cost++) await verifyBcrypt(password, standIn(cost))
  return false
}

/** A hash of nothing anybody knows, at a cost. */
const standIn = (cost: number): string => `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
