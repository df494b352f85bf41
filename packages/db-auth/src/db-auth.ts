import {
  type Authenticator,
  abstained,
  authenticated,
  type Clock,
  canonicalName,
  isUsablePassword,
  LOCAL_MODE,
  localIdentity,
  type PasswordRow,
  type PasswordStore,
  type RejectReason,
  rejected,
  type StoredPassword,
  systemClock,
} from '@lockkeeper/core'
import { createEqualWork } from './equal-work.ts'
import { createPasswordHasher, type HashingJob, type PasswordHasher } from './password-hasher.ts'
import { isPlaceholder } from './placeholders.ts'
import type { Scheme } from './scheme.ts'
import { untilAborted } from './until-aborted.ts'
import { type OnUpgrade, writeUpgrade } from './upgrade.ts'

/** What `db_auth` is made of. */
export interface DbAuthOptions {
  readonly passwords: PasswordStore
  /** Shared with whatever else hashes in this process; one with safe defaults when left out. */
  readonly hasher?: PasswordHasher
  /** Writes a password anew at login when it is weaker than what is written now; on by default. */
  readonly upgradeOnLogin?: boolean
  /** Told of every such attempt. A failure never fails the login. */
  readonly onUpgrade?: OnUpgrade
  readonly clock?: Clock
}

/**
 * Authenticates people who have a password in your own database, by user name or e-mail address. Accounts of other
 * modes are not its own, whatever their password column holds.
 *
 * A refusal takes the same work for a name that is unknown, a password that is wrong, and an account that is disabled,
 * belongs to another mode or was hashed in an unknown way.
 *
 * @returns An authenticator for mode `db_auth`. It throws {@link BackendUnavailableError} when the store does, or when
 * too many logins wait for hashing.
 */
export function dbAuth(options: DbAuthOptions): Authenticator {
  const { passwords, hasher = createPasswordHasher(), clock = systemClock, upgradeOnLogin = true } = options
  const equalWork = createEqualWork(passwords, hasher, clock)

  return {
    mode: LOCAL_MODE,
    async lookUp(name, { signal }) {
      await untilAborted(signal, equalWork.prepare())
      const found = await untilAborted(signal, passwords.find(name))
      const row = found?.isExternal ? undefined : found
      const scheme = row && hasher.schemeOf(row.stored)
      if (scheme) equalWork.learn(scheme)
      return {
        ...(row && { account: String(row.account.id) }),
        async verify(password, { signal }) {
          const isUpgraded = upgradeOnLogin && row !== undefined && hasher.isOutdated(row.stored)
          const verdict = await hasher.run(async (job): Promise<Verdict> => {
            const reason = await refusalOf(job, password, row, scheme)
            if (reason === undefined) return isUpgraded ? { next: await job.hash(password) } : {}
            await equalWork.topUp(job, password, scheme)
            return { reason }
          }, signal)
          if (row === undefined) return abstained
          if (verdict.reason !== undefined) return rejected(verdict.reason)
          if (verdict.next) {
            const written = writeUpgrade(passwords, row, verdict.next, options.onUpgrade)
            // The login has succeeded; it waits for the upgrade only while it has time.
            await untilAborted(signal, written).catch(() => {})
          }
          // An upgrade makes this version an old one too: the password is then verified once more, against the new hash.
          const { version } = row.account
          return authenticated({ ...localIdentity(row.account), ...(version !== undefined && { version }) })
        },
      }
    },
    async searchUser(username, { signal }) {
      const canonical = canonicalName(username)
      if (canonical === undefined) return undefined
      const row = await untilAborted(signal, passwords.find({ typed: username, canonical }))
      return row === undefined || row.isExternal ? undefined : localIdentity(row.account)
    },
    async ping({ signal }) {
      await untilAborted(signal, passwords.schemes())
    },
  }
}

/** Why a password is refused, or the row that replaces an outdated one. */
interface Verdict {
  readonly reason?: RejectReason
  readonly next?: StoredPassword
}

async function refusalOf(
  job: HashingJob,
  password: string,
  row: PasswordRow | undefined,
  scheme: Scheme | undefined,
): Promise<RejectReason | undefined> {
  if (row === undefined) return 'unknown_name'
  if (row.stored.hash === '') return 'no_local_password'
  if (scheme === undefined) return 'unknown_hash'
  if (!(await job.matches(password, row.stored, scheme)) || !isUsablePassword(password)) return 'bad_credentials'
  if (isPlaceholder(password, scheme)) return 'no_local_password'
  return row.account.disabled ? 'disabled' : undefined
}
